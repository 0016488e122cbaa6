using WinLayers.IntegrationTests.Testing;

namespace WinLayers.IntegrationTests.Windows;

/// <summary>eng/verify-on-windows.ps1 as far as PowerShell runs it elsewhere: it parses, its C# compiles, its comparison is right.</summary>
public sealed class VerifyScriptTests
{
    [Fact]
    public async Task Functions_UnderPowerShell_FailForTrueReasonsOnly()
    {
        string powerShell = ExternalTool.Require("pwsh", "none; 'dotnet tool install --global PowerShell'",
            Path.Join(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".dotnet", "tools", "pwsh"));
        string root = RepositoryAbove(AppContext.BaseDirectory);

        string output = await ToolProcess.RunAsync(powerShell, "-NoLogo", "-NoProfile", "-NonInteractive", "-File",
            Path.Join(root, "tests", "WinLayers.IntegrationTests", "Windows", "verify-functions.ps1"), Path.Join(root, "eng"));

        Assert.EndsWith("done", output.TrimEnd(), StringComparison.Ordinal);
    }

    private static string RepositoryAbove(string folder) =>
        File.Exists(Path.Combine(folder, "WinLayers.slnx")) ? folder : RepositoryAbove(Path.GetDirectoryName(folder)!);
}
