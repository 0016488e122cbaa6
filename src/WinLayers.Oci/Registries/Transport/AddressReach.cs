namespace WinLayers.Oci.Registries.Transport;

/// <summary>From where an address can be reached; more than one where several are allowed.</summary>
[Flags]
internal enum AddressReach
{
    None = 0,

    /// <summary>From anywhere.</summary>
    Public = 1,

    /// <summary>From inside one network.</summary>
    Private = 2,

    /// <summary>From the same link: a cloud's own services for its guests, most often.</summary>
    LinkLocal = 4,

    /// <summary>From this machine.</summary>
    Loopback = 8,

    Any = Public | Private | LinkLocal | Loopback,
}
