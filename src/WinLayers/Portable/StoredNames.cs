using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using WinLayers.Formats.Names;
using WinLayers.Formats.Text;
using WinLayers.Volumes;

namespace WinLayers.Portable;

/// <summary>
/// Under which name the host keeps a component: its own wherever that can be. Where it cannot, a <c>:</c>, which no name in a
/// layer holds, and the first 32 hex digits of the SHA-256 of the name in upper case (UTF-16LE).
/// </summary>
public static class StoredNames
{
    private const int MaxHostName = 255;

    /// <summary>What the host keeps beside the layer's roots.</summary>
    internal const string Streams = "streams", Index = LayerFolderNames.PortableIndex;

    /// <summary>The substitute for a component's name, the same for all spellings.</summary>
    public static string SubstituteFor(ReadOnlySpan<char> name)
    {
        Span<char> upper = stackalloc char[LayerPath.MaxComponent];
        for (int i = 0; i < name.Length; i++)
            upper[i] = NtfsNames.Upcase(name[i]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(MemoryMarshal.AsBytes(upper[..name.Length]), hash);

        // On Windows ':' would name a stream, but there every name can be kept and none needs a substitute.
        return ":" + Convert.ToHexStringLower(hash[..16]);
    }

    /// <summary>Whether a component has to be kept under a substitute.</summary>
    /// <param name="isTop">It stands at the layer's root, where only the three roots keep their names.</param>
    /// <param name="name">The component.</param>
    internal static bool NeedsSubstitute(bool isTop, ReadOnlySpan<char> name) =>
        isTop
            ? CanonicalRoot(name) is null
            : !OperatingSystem.IsWindows() && name.Length > MaxHostName / 3 && Encoding.UTF8.GetByteCount(name) > MaxHostName;

    /// <summary>The spelling of a root that the folder has, whatever the layer's; null for any other name.</summary>
    internal static string? CanonicalRoot(ReadOnlySpan<char> name) =>
        LayerRoots.NameOf(LayerRoots.AreaOf(name));
}
