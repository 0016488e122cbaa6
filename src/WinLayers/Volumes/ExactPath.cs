namespace WinLayers.Volumes;

/// <summary>
/// A folder's path in the form behind which Windows takes every name as it is: long ones, devices (<c>aux</c>), trailing dots and spaces.
/// Elsewhere a path is
/// that already.
/// </summary>
internal static class ExactPath
{
    private const string Prefix = @"\\?\";

    /// <summary>The form of an absolute path, as <see cref="Path.GetFullPath(string)"/> gives it.</summary>
    internal static string Of(string fullPath) => OperatingSystem.IsWindows() ? OnWindows(fullPath) : fullPath;

    /// <summary>The same, whatever the system: text work alone.</summary>
    internal static string OnWindows(string fullPath) =>
        fullPath.StartsWith(Prefix, StringComparison.Ordinal) || fullPath.StartsWith(@"\\.\", StringComparison.Ordinal) ? fullPath
        : fullPath.StartsWith(@"\\", StringComparison.Ordinal) ? string.Concat(@"\\?\UNC\", fullPath.AsSpan(2))
        : Prefix + fullPath;
}
