using WinLayers.Oci.Digests;

namespace WinLayers.Cli.Terminal;

/// <summary>The first twelve digits of a digest: enough to tell layers apart by eye.</summary>
internal static class ShortDigest
{
    public static string Of(Digest digest) => digest.Hex[..12];
}
