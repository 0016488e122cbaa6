namespace WinLayers.Hosts;

/// <summary>Probes of the machine that work on every system.</summary>
public static class MachineProbes
{
    private const long ComfortableBytes = 20L << 30;

    /// <summary>What this system can do with layers without the Host Compute Service of Windows.</summary>
    public static Diagnosis PortableHost() =>
        new("host", DiagnosisResult.Fine, "portable: layers are unpacked, checked and read; containers need Windows");

    /// <summary>How much room there is where a store is, or would be.</summary>
    /// <param name="path">The store's folder, there or not.</param>
    public static SpaceDiagnosis FreeSpace(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string? existing = path;
        while (existing is not null && !Directory.Exists(existing))
            existing = Path.GetDirectoryName(existing);
        return Judge(new DriveInfo(existing ?? path).AvailableFreeSpace);
    }

    internal static SpaceDiagnosis Judge(long freeBytes) =>
        new(freeBytes < ComfortableBytes ? DiagnosisResult.Doubtful : DiagnosisResult.Fine, freeBytes);
}
