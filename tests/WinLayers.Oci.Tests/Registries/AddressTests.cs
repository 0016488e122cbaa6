using System.Net;
using WinLayers.Oci.Registries.Transport;

namespace WinLayers.Oci.Tests.Registries;

public sealed class AddressTests
{
    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("10.1.2.3")]
    [InlineData("100.64.0.1")]
    [InlineData("127.255.255.255")]
    [InlineData("168.63.129.16")]
    [InlineData("169.254.169.254")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.1.1")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::7f00:1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("64:ff9b::a9fe:a9fe")]
    [InlineData("64:ff9b:1::1")]
    [InlineData("2002:7f00:1::")]
    [InlineData("2001:0:53aa:64c::1")]
    [InlineData("fd00::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fe80::1%2")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    public void ReachOf_InsideAddress_IsNotPublic(string address) =>
        Assert.NotEqual(AddressReach.Public, Addresses.ReachOf(IPAddress.Parse(address)));

    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("100.128.0.1")]
    [InlineData("172.32.0.1")]
    [InlineData("168.63.129.17")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("64:ff9b::808:808")]
    [InlineData("2002:808:808::1")]
    [InlineData("2620:1ec:bdf::10")]
    public void ReachOf_InternetAddress_IsPublic(string address) =>
        Assert.Equal(AddressReach.Public, Addresses.ReachOf(IPAddress.Parse(address)));

    [Theory]
    [InlineData("127.0.0.2", (int)AddressReach.Loopback)]
    [InlineData("0.0.0.0", (int)AddressReach.Loopback)]
    [InlineData("::1", (int)AddressReach.Loopback)]
    [InlineData("::ffff:127.0.0.1", (int)AddressReach.Loopback)]
    [InlineData("169.254.169.254", (int)AddressReach.LinkLocal)]
    [InlineData("168.63.129.16", (int)AddressReach.LinkLocal)]
    [InlineData("fe80::1%2", (int)AddressReach.LinkLocal)]
    [InlineData("fd00:ec2::254", (int)AddressReach.LinkLocal)]
    [InlineData("10.1.2.3", (int)AddressReach.Private)]
    [InlineData("fd00::1", (int)AddressReach.Private)]
    public void ReachOf_TellsMachineLinkAndNetworkApart(string address, int expected) =>
        Assert.Equal((AddressReach)expected, Addresses.ReachOf(IPAddress.Parse(address)));
}
