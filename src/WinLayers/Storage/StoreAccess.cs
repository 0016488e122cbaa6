using WinLayers.Formats.Ntfs.Security;

namespace WinLayers.Storage;

/// <summary>
/// Who may write to the default store of Windows. Everybody may make folders in <c>%ProgramData%</c>, and what is made there lets
/// everybody in: the store's layers would then run in containers as somebody left them.
/// </summary>
internal static partial class StoreAccess
{
    /// <summary>Administrators and the system, and nobody by inheritance: what Docker and containerd give their folders.</summary>
    internal const string OwnersOnly = "D:P(A;OICI;GA;;;BA)(A;OICI;GA;;;SY)";

    private const string Administrators = "S-1-5-32-544";
    private const string LocalSystem = "S-1-5-18";
    private const string TrustedInstaller = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464";

    // Stands for whoever makes something, which nobody else can here.
    private const string CreatorOwner = "S-1-3-0";

    // Data, appending, attributes both kinds, removal of what is below and of itself, rules, owner, and the two that stand for them.
    private const uint Writing = 0x0002 | 0x0004 | 0x0010 | 0x0040 | 0x0100 | 0x0001_0000 | 0x0004_0000 | 0x0008_0000 | 0x1000_0000
        | 0x4000_0000;

    /// <summary>Whether a store is the one that Windows has by default, which belongs to the system and not to who made it.</summary>
    internal static bool IsSystemStore(string root) =>
        OperatingSystem.IsWindows() && string.Equals(root, StorePaths.SystemRoot, StringComparison.OrdinalIgnoreCase);

    /// <summary>Who else may write to a folder with this descriptor, by SID; empty where nobody.</summary>
    /// <param name="descriptor">Owner and DACL of the folder.</param>
    /// <param name="self">Who asks: whoever works in the store may write to it.</param>
    internal static IReadOnlyList<string> OthersWhoMayWrite(SecurityDescriptor descriptor, string? self)
    {
        IEnumerable<string> writers =
            AllowedAccess.Of(descriptor).Where(allowed => (allowed.Mask & Writing) != 0).Select(allowed => allowed.Sid)
            .Where(sid => sid != CreatorOwner);
        if (AllowedAccess.OwnerOf(descriptor) is { } owner)
            writers = writers.Append(owner);
        string?[] trusted = [Administrators, LocalSystem, TrustedInstaller, self];
        return [.. writers.Except(trusted, StringComparer.Ordinal).OfType<string>()];
    }
}
