namespace WinLayers.Ntfs;

/// <summary>SDDL text to a self-relative security descriptor.</summary>
internal static class SddlReader
{
    public static byte[] Read(string sddl) =>
        throw new LayerRefusedException(NtfsRules.SddlUnsupported, $"SDDL is not read yet: '{sddl}'");
}
