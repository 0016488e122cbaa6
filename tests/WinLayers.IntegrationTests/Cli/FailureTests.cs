using System.Diagnostics;

namespace WinLayers.IntegrationTests.Cli;

/// <summary>What goes wrong is one line, the right exit code, and nothing left behind.</summary>
public sealed class FailureTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("WCL5001", "unpack", "oci:nowhere")]
    [InlineData("WCL1902", "stage", "nothing.tar", "out")]
    [InlineData("WCL1902", "lint", "./nothing.tar")]
    [InlineData("WCL1904", "cat", "sample:", "Windows/nothing.txt")]
    [InlineData("WCL1904", "ls", "sample:", "Windows/nothing")]
    [InlineData("WCL1902", "export", "nothing", "out.tar")]
    [InlineData("WCL1902", "push", "sample:")]
    [InlineData("WCL1902", "verify")]
    [InlineData("WCL1902", "destroy", "sample:")]
    public async Task Failure_IsOneLineWithItsCode(string code, params string[] arguments)
    {
        string line = (await RunAsync(arguments)).ShouldFail();

        Assert.Contains($"[{code}]", line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_IntoTheFolderThatItReads_IsRefused()
    {
        string layer = _folder["layer"];
        Directory.CreateDirectory(layer);

        string line = (await RunAsync("export", layer + Path.DirectorySeparatorChar, Path.Join(layer, "out.tar"))).ShouldFail();

        Assert.Contains("[WCL1905]", line, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(layer));
    }

    [Theory]
    [InlineData("file", "is a file, and files are written to a folder [WCL1905]. Name a folder; 'winlayers cat'")]
    [InlineData("file/below", "is a file, and files are written to a folder [WCL1905]")]
    [InlineData("oci:out",
        "names an image, and files are written to a folder [WCL1905]. 'winlayers copy' sends images; a folder of that name is ./oci:out")]
    [InlineData("docker://example.com/x", "names an image, and files are written to a folder [WCL1905]")]
    public async Task Extract_ToWhatIsNoFolder_SaysWhatItIs(string destination, string expected)
    {
        await File.WriteAllTextAsync(_folder["file"], "precious", TestContext.Current.CancellationToken);

        Assert.Contains(expected, (await RunAsync("extract", "sample:", destination)).ShouldFail(), StringComparison.Ordinal);
        Assert.Equal("precious", await File.ReadAllTextAsync(_folder["file"], TestContext.Current.CancellationToken));
        Assert.False(Directory.Exists(_folder["oci:out"]));
    }

    [Fact]
    public async Task LinkWhoseTargetLacksFiles_AsCraneAppendsIt_IsCalledThat()
    {
        string image =
            new TarImage().Layer("Files/", "Files/a", "Hives/").Layer("Files/", "Files/new", "Files/link=>new").WriteTo(_folder["layout"]);

        string refused = (await RunAsync("unpack", image, "--quiet")).ShouldFail();
        CommandResult linted = await RunAsync("lint", image);

        foreach (string text in (string[])[refused, linted.Output])
            Assert.Contains("which lacks 'Files' in front: the tool that put the names there (as 'crane append' does)", text,
                StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("unpack", "http://example.com/x")]
    [InlineData("unpack", "sample:nothing")]
    [InlineData("copy", "sample:", "sample:")]
    [InlineData("platform", "sample:", "--host", "yesterday")]
    [InlineData("platform", "sample:", "--isolation", "hyperv")]
    [InlineData("ls", "sample:", "--layer", "x")]
    [InlineData("ls", "sample:", "--layer", "9")]
    [InlineData("scratch", "create", "x", "--size", "-1")]
    public async Task NonsenseOnTheCommandLine_IsExitCode2(params string[] arguments)
    {
        CommandResult result = await RunAsync(arguments);

        Assert.Equal(2, result.ExitCode);
        Assert.Equal("", result.Output);
        Assert.Single(result.ErrorLines);
    }

    [Theory]
    [InlineData("scratch", "create", "x", "--parent", ".")]
    [InlineData("scratch", "mount", "x")]
    [InlineData("scratch", "unmount", "x")]
    [InlineData("scratch", "remove", "x")]
    [InlineData("uvm", "scratch", "x", "d4f1c2a0-0000-4000-8000-000000000001", "--parent", ".")]
    [InlineData("grant-access", "d4f1c2a0-0000-4000-8000-000000000001", "x")]
    [InlineData("import", "x", "y", "--parent", ".")]
    public async Task WindowsVerb_Elsewhere_SaysWhatWorksHere(params string[] arguments)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "On Windows these verbs are at home.");

        string line = (await RunAsync(arguments)).ShouldFail();

        Assert.Contains("needs the Host Compute Service", line, StringComparison.Ordinal);
        Assert.Contains("[WCL1901]. ", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nothere.tar", "write docker://nothere.tar", "lint")]
    [InlineData("nothere.tar", "write docker://nothere.tar", "verify")]
    [InlineData("./x.tar", "docker-archive:FILE", "unpack")]
    [InlineData("~/layout", "oci:FOLDER", "pull")]
    [InlineData("dir\\layout", "oci:FOLDER", "platform")]
    [InlineData("/nothere", "oci:FOLDER", "inspect")]
    [InlineData("app.TAR.GZ", "docker-archive:FILE", "ls")]
    public async Task FileNameWithoutTransport_NeverGoesToARegistry(string name, string remedy, string verb)
    {
        string line = (await RunAsync(verb, name)).ShouldFail();

        Assert.StartsWith($"winlayers: the {(verb == "lint" && name.StartsWith('.') ? "layer" : "file")} '{name}' is not there [WCL1902]",
            line, StringComparison.Ordinal);
        Assert.Contains(remedy, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FileOrFolderThatIsThere_WithoutTransport_IsToldHowToNameIt()
    {
        await File.WriteAllTextAsync(_folder["image.tar"], "x", TestContext.Current.CancellationToken);
        Directory.CreateDirectory(_folder["layout"]);

        Assert.Contains("named as docker-archive:image.tar", (await RunAsync("unpack", "image.tar")).ShouldFail(),
            StringComparison.Ordinal);
        Assert.Contains("named as oci:./layout", (await RunAsync("unpack", "./layout")).ShouldFail(), StringComparison.Ordinal);
        Assert.Contains("docker-archive:out.tar", (await RunAsync("copy", "sample:", "out.tar")).ShouldFail(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("unpack", "nosuch:")]
    [InlineData("unpack", "nosuch:/x/y")]
    public async Task UnknownTransport_NamesThoseThereAre(params string[] arguments)
    {
        CommandResult result = await RunAsync(arguments);

        Assert.Equal(2, result.ExitCode);
        Assert.All((string[])["docker://", "oci:", "docker-archive:", "sample:"],
            transport => Assert.Contains(transport, Assert.Single(result.ErrorLines), StringComparison.Ordinal));
    }

    [Fact]
    public async Task BareNameThatARegistryDoesNotKnow_SaysWhatItWasTakenFor()
    {
        // A proxy that nobody is, so that nothing leaves the machine.
        CommandResult result = await WinLayersCommand.RunAsync(
            ["inspect", "nosuch:x"], _folder.Path,
                new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["HTTPS_PROXY"] = "http://127.0.0.1:1",
                    ["WINLAYERS_STORE"] = _folder["store"]
                });

        Assert.Contains("'nosuch:x' was taken for docker://docker.io/library/nosuch:x", result.ShouldFail(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("unpack", "sample:")]
    [InlineData("verify")]
    [InlineData("gc")]
    public async Task StoreThatIsAFile_IsCalledThat(params string[] arguments)
    {
        await File.WriteAllTextAsync(_folder["store"], "x", TestContext.Current.CancellationToken);

        string line = (await RunAsync(arguments)).ShouldFail();

        Assert.Contains($"cannot open the store '{_folder["store"]}': it is a file, not a folder [WCL5024]", line,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verbose_AddsTheStack()
    {
        CommandResult result = await RunAsync("unpack", "oci:nowhere", "--verbose");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("   at ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Output_WithoutATerminal_HasNoEscapeCodes()
    {
        CommandResult result = await RunAsync("inspect", "sample:");

        Assert.DoesNotContain('\u001b', result.ShouldSucceed().Output);
        Assert.DoesNotContain('\u001b', result.Error);
    }

    [Fact]
    public async Task BrokenPipe_EndsQuietly()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The pipe of this test is a shell's.");
        var start = new ProcessStartInfo("/bin/sh")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(
            $"( '{WinLayersCommand.Program}' ls 'sample:large?entries=20000&bytes=0' -r; echo \"code $?\" >&2 ) | head -1");
        start.Environment["WINLAYERS_STORE"] = _folder["store"];
        using Process shell = Process.Start(start)!;

        CommandResult result =
            await WinLayersCommand.FinishAsync(shell, shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken),
            shell.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));

        Assert.Single(result.OutputLines);
        Assert.Equal(["code 0"], result.ErrorLines[1..]);
        Assert.StartsWith("making sample:large?entries=20000&bytes=0: 20,000 entries", result.ErrorLines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task CtrlC_StopsSoonAndCleansUp()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent as Unix has them.");
        using var running = new RunningCommand(WinLayersCommand.Start(
            ["unpack", "sample:large?entries=20000&bytes=500000000"], _folder.Path,
            new Dictionary<string, string>(StringComparer.Ordinal) { ["WINLAYERS_STORE"] = _folder["store"] }));
        string tmp = Path.Combine(_folder["store"], "tmp");
        await running.WaitForAsync(() => Directory.Exists(tmp) && Directory.EnumerateDirectories(tmp, "layer-*").Any(), "unpacking");

        (CommandResult result, TimeSpan taken) = await running.InterruptAsync();

        Assert.Equal(130, result.ExitCode);
        Assert.Equal(["winlayers: cleaning up; once more ends at once", "winlayers: interrupted [WCL1912]"], result.ErrorLines[1..]);
        Assert.InRange(taken, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(_folder["store"], "tmp"), "layer-*"));
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(_folder["store"], "layers")));
    }

    private Task<CommandResult> RunAsync(params string[] arguments) => WinLayersCommand.RunAsync(
        arguments, _folder.Path, new Dictionary<string, string>(StringComparer.Ordinal) { ["WINLAYERS_STORE"] = _folder["store"] });
}
