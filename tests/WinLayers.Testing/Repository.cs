using System.Reflection;

namespace WinLayers.Testing;

/// <summary>The checkout that the tests run from.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>The library's packages, lowest first.</summary>
    public static IReadOnlyList<Assembly> Packages { get; } =
        [.. new[] { "WinLayers.Formats", "WinLayers.Oci", "WinLayers", "WinLayers.Windows" }.Select(Assembly.Load)];

    public static IEnumerable<string> SourceFiles =>
        from file in Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories)
        where !Path.GetRelativePath(Root, file).Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin")
        select file;

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "WinLayers.slnx")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("The tests run from inside the repository.");
    }
}
