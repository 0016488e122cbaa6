namespace WinLayers.IntegrationTests.Testing;

/// <summary>Programs that tests need and that a machine may lack.</summary>
internal static class ExternalTool
{
    /// <summary>
    /// The program's path. Where it is missing the test is skipped, visibly; under CI it fails, since there every tool is installed.
    /// </summary>
    /// <param name="name">The program.</param>
    /// <param name="package">Debian's package that has it.</param>
    /// <param name="alternatives">Other places where it may be.</param>
    public static string Require(string name, string? package = null, params string[] alternatives)
    {
        IEnumerable<string> places = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Join(folder, name))
            .Concat(alternatives);
        if (places.FirstOrDefault(File.Exists) is { } found)
            return found;
        Missing($"{name} is missing (Debian: {package ?? name}).");
        return "";
    }

    /// <summary>Skips the test for want of something, visibly; under CI it fails.</summary>
    public static void Missing(string reason)
    {
        if (Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail(reason);
        Assert.Skip(reason);
    }
}
