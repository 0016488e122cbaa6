using WinLayers.IntegrationTests.Cli;

namespace WinLayers.IntegrationTests.Faults;

/// <summary>An unpacked image whose files were changed, as the command sees it.</summary>
public sealed class DamageTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private string[] _layers = [];

    private string Shared => Path.Combine(_layers[^1], "Files", "Windows", "WinSxS", "amd64_cmd_31bf3856ad364e35_10.0.20348.1", "cmd.exe");

    public async ValueTask InitializeAsync() => _layers = (await RunAsync("unpack", "sample:")).ShouldSucceed().OutputLines;

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task ChangedFile_IsAnErrorOfEachVerbThatHandsItOut_AndLeavesNoPartial()
    {
        Flip(Shared);

        CommandResult cat = await RunAsync("cat", "sample:", "Files/Windows/System32/cmd.exe", "--quiet");
        Assert.Equal(1, cat.ExitCode);
        Assert.Contains("[WCL5031]. Repair the layer ('winlayers repair').", Assert.Single(cat.ErrorLines), StringComparison.Ordinal);
        CommandResult extract = await RunAsync("extract", "sample:", _folder["out"]);
        Assert.Equal(1, extract.ExitCode);
        Assert.Contains("[WCL5031]", extract.Error, StringComparison.Ordinal);
        CommandResult export = await RunAsync("export", _layers[^1], _folder["out.tar"]);
        Assert.Equal(1, export.ExitCode);
        Assert.Contains("[WCL5031]", export.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder[""], "out.tar*"));
    }

    [Fact]
    public async Task Repair_MakesGoodWhatVerifyNames_AndSaysWhat()
    {
        Flip(Shared);
        CommandResult verify = await RunAsync("verify");
        Assert.Equal(1, verify.ExitCode);
        Assert.All(verify.OutputLines, line => Assert.EndsWith("; 'winlayers repair' makes it good", line, StringComparison.Ordinal));

        CommandResult repair = (await RunAsync("repair", "sample:")).ShouldSucceed();

        Assert.Contains($"layer {_layers[^1]}", repair.OutputLines);
        (await RunAsync("verify")).ShouldSucceed();
        Assert.Equal(0, (await RunAsync("repair", "--json")).Json.GetProperty("items").GetArrayLength());
        Assert.Contains("[WCL1902]", (await RunAsync("repair", "sample:large")).ShouldFail(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Repair_WhatCannotBeMadeGood_IsToldAndStays()
    {
        string record = Assert.Single(Directory.GetFiles(Path.Combine(_folder["store"], "images")));
        await File.WriteAllTextAsync(record, """{"format":"winlayers.image/2"}""", TestContext.Current.CancellationToken);

        CommandResult repair = await RunAsync("repair");

        Assert.Equal(1, repair.ExitCode);
        Assert.Contains("[WCL1911]", repair.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(record));
    }

    [Fact]
    public async Task UnpackOfALayerThatShowsDamage_MakesItGood_InsteadOfThereAlready()
    {
        File.Delete(Shared);

        CommandResult unpack = (await RunAsync("unpack", "sample:")).ShouldSucceed();

        Assert.Contains($"{_layers[^1]} was damaged and is made good (layer)", unpack.ErrorLines);
        (await RunAsync("verify")).ShouldSucceed();
    }

    [Theory]
    [InlineData("verify")]
    [InlineData("gc", "--dry-run")]
    [InlineData("cat", "sample:", "License.txt")]
    public async Task TooFewOpenFiles_AreAnErrorOfTheirOwn(params string[] arguments)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The limit is one of Unix.");
        string[] shell = ["-c", "ulimit -n 60; exec \"$@\"", "winlayers", WinLayersCommand.Program, .. arguments];

        CommandResult result = await WinLayersCommand.RunProgramAsync("/bin/sh", shell, Environment);

        Assert.Contains("[WCL5026]", result.ShouldFail(), StringComparison.Ordinal);
    }

    private static void Flip(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);
    }

    private Dictionary<string, string> Environment => new(StringComparer.Ordinal) { ["WINLAYERS_STORE"] = _folder["store"] };

    private Task<CommandResult> RunAsync(params string[] arguments) =>
        WinLayersCommand.RunAsync(arguments, workingFolder: null, Environment);
}
