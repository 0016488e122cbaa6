namespace WinLayers.Windows.Interop;

/// <summary>Ids of virtual machines, as HCS takes them: any text, and GUIDs in lower case without braces.</summary>
internal static class MachineId
{
    /// <summary>The id as the calls take it.</summary>
    /// <exception cref="ArgumentException">It is empty or holds control characters.</exception>
    internal static string Normalize(string vmId)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(vmId);
        if (vmId.Any(char.IsControl))
            throw new ArgumentException("The id of a virtual machine holds no control characters.", nameof(vmId));
        // 32 digits without hyphens are an id of their own, such as containers have.
        return Guid.TryParseExact(vmId, "D", out Guid guid) || Guid.TryParseExact(vmId, "B", out guid) ? guid.ToString("D") : vmId;
    }
}
