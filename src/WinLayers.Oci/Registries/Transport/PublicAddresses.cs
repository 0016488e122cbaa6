using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace WinLayers.Oci.Registries.Transport;

/// <summary>Tells addresses of the public internet from those that lead into a host, a network or a cloud's own services.</summary>
internal static class PublicAddresses
{
    // The special-purpose registries of IANA, and the address at which Azure's hosts serve their guests.
    private static readonly IPNetwork[] Special =
    [
        IPNetwork.Parse("0.0.0.0/8"), IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("100.64.0.0/10"), IPNetwork.Parse("127.0.0.0/8"),
        IPNetwork.Parse("168.63.129.16/32"), IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("172.16.0.0/12"),
            IPNetwork.Parse("192.0.0.0/24"),
        IPNetwork.Parse("192.0.2.0/24"), IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("198.18.0.0/15"),
            IPNetwork.Parse("198.51.100.0/24"),
        IPNetwork.Parse("203.0.113.0/24"), IPNetwork.Parse("224.0.0.0/4"), IPNetwork.Parse("240.0.0.0/4"),
        IPNetwork.Parse("64:ff9b:1::/48"), IPNetwork.Parse("100::/64"), IPNetwork.Parse("2001::/23"), IPNetwork.Parse("2001:db8::/32"),
        IPNetwork.Parse("fc00::/7"), IPNetwork.Parse("fe80::/10"), IPNetwork.Parse("fec0::/10"), IPNetwork.Parse("ff00::/8"),
    ];

    private static readonly IPNetwork Compatible = IPNetwork.Parse("::/96");
    private static readonly IPNetwork Translated = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");

    /// <summary>
    /// Whether an address is public. An IPv4 address inside an IPv6 one (mapped, compatible, NAT64, 6to4) is judged by itself.
    /// </summary>
    public static bool IsPublic(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            Span<byte> bytes = stackalloc byte[16];
            address.TryWriteBytes(bytes, out _);
            // Asked of the address itself: IPNetwork compares a mapped address as the IPv4 one inside it.
            if (address.IsIPv4MappedToIPv6 || Compatible.Contains(address) || Translated.Contains(address))
                return IsPublic(FromBytes(bytes[12..]));
            if (SixToFour.Contains(address))
                return IsPublic(FromBytes(bytes[2..6]));
            address = new IPAddress(bytes); // without a scope, which networks do not compare
        }
        else if (address.AddressFamily != AddressFamily.InterNetwork)
        {
            return false;
        }

        foreach (IPNetwork network in Special)
        {
            if (network.BaseAddress.AddressFamily == address.AddressFamily && network.Contains(address))
                return false;
        }

        return true;
    }

    private static IPAddress FromBytes(ReadOnlySpan<byte> four)
    {
        Span<byte> copy = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(copy, BinaryPrimitives.ReadUInt32BigEndian(four));
        return new IPAddress(copy);
    }
}
