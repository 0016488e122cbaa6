using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace WinLayers.Oci.Registries.Transport;

/// <summary>Tells addresses of the public internet from those that lead into a host, a network or a cloud's own services.</summary>
internal static class Addresses
{
    // The special-purpose registries of IANA, and the address at which Azure's hosts serve their guests.
    private static readonly (IPNetwork Network, AddressReach Reach)[] Special =
    [
        .. Networks(AddressReach.Loopback, "0.0.0.0/8", "127.0.0.0/8"),
        .. Networks(AddressReach.LinkLocal, "168.63.129.16/32", "169.254.0.0/16", "fe80::/10"),
        .. Networks(AddressReach.Private, "10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.168.0.0/16",
            "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "64:ff9b:1::/48", "100::/64", "2001::/23",
            "2001:db8::/32", "fc00::/7", "fec0::/10", "ff00::/8"),
    ];

    // Amazon's service for its guests has an address among the private ones too.
    private static readonly IPAddress AmazonMetadata = IPAddress.Parse("fd00:ec2::254");
    private static readonly IPNetwork Compatible = IPNetwork.Parse("::/96");
    private static readonly IPNetwork Translated = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");

    /// <summary>
    /// From where an address can be reached. An IPv4 address inside an IPv6 one (mapped, compatible, NAT64, 6to4) is judged by itself.
    /// </summary>
    public static AddressReach ReachOf(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            Span<byte> bytes = stackalloc byte[16];
            address.TryWriteBytes(bytes, out _);
            address = new IPAddress(bytes); // without a scope, which neither networks nor addresses compare as one would like
            if (address.Equals(IPAddress.IPv6Loopback))
                return AddressReach.Loopback;
            if (address.Equals(AmazonMetadata))
                return AddressReach.LinkLocal;

            // Asked of the address itself: IPNetwork compares a mapped address as the IPv4 one inside it.
            if (address.IsIPv4MappedToIPv6 || Compatible.Contains(address) || Translated.Contains(address))
                return ReachOf(FromBytes(bytes[12..]));
            if (SixToFour.Contains(address))
                return ReachOf(FromBytes(bytes[2..6]));
        }
        else if (address.AddressFamily != AddressFamily.InterNetwork)
        {
            return AddressReach.Private;
        }

        foreach ((IPNetwork network, AddressReach reach) in Special)
        {
            if (network.BaseAddress.AddressFamily == address.AddressFamily && network.Contains(address))
                return reach;
        }

        return AddressReach.Public;
    }

    private static IEnumerable<(IPNetwork Network, AddressReach Reach)> Networks(AddressReach reach, params string[] networks) =>
        networks.Select(network => (IPNetwork.Parse(network), reach));

    private static IPAddress FromBytes(ReadOnlySpan<byte> four)
    {
        Span<byte> copy = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(copy, BinaryPrimitives.ReadUInt32BigEndian(four));
        return new IPAddress(copy);
    }
}
