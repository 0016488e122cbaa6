using System.Text.Json;
using System.Text.RegularExpressions;
using WinLayers.IntegrationTests.Cli;

namespace WinLayers.IntegrationTests.Registry;

/// <summary>What the command does while a transfer runs, is broken off, or breaks.</summary>
public sealed partial class CommandTransferTests : IAsyncLifetime
{
    // Some 20 MB as a blob: more than a socket's buffers hold, less than a test's patience.
    private const string Large = "sample:large?entries=300&bytes=60000000";
    private const long Half = 10 << 20;

    private readonly CommandRun _command = new();
    private RealRegistry _registry = null!;

    public async ValueTask InitializeAsync() => _registry = await RealRegistry.StartAsync();

    public async ValueTask DisposeAsync()
    {
        _command.Dispose();
        await _registry.DisposeAsync();
    }

    [Fact]
    public async Task Unpack_WhileTheDownloadStandsStill_HasWrittenFilesAlready()
    {
        (await _command.RunAsync("copy", Large, $"docker://{_registry.Host}/win/large:1")).ShouldSucceed();
        using var relay = new Relay(_registry) { HoldAfter = Half };
        using RunningCommand unpacking = _command.Start("unpack", $"{relay.Host}/win/large:1");
        await unpacking.WaitForAsync(() => relay.IsHolding && FilesInFlight() > 20, "writing files while the download stands still");

        Assert.DoesNotContain(Directory.EnumerateFiles(Path.Combine(_command.Store, "blobs", "sha256")),
            blob => new FileInfo(blob).Length > Half);
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(_command.Store, "layers")));

        relay.Release();
        Assert.Equal(3, (await unpacking.FinishAsync()).ShouldSucceed().OutputLines.Length);
        Assert.True((await _command.RunAsync("verify", "--json")).Json.GetProperty("ok").GetBoolean());
    }

    [Fact]
    public async Task Pull_InterruptedHalfway_GoesOnFromThere()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent as Unix has them.");
        CommandResult copied = (await _command.RunAsync("copy", Large, $"docker://{_registry.Host}/win/large:1")).ShouldSucceed();
        using (var relay = new Relay(_registry) { HoldAfter = Half })
        {
            using RunningCommand pulling = _command.Start("pull", $"{relay.Host}/win/large:1");
            // Bytes that the relay let through may still lie in a socket's buffer.
            await pulling.WaitForAsync(() => relay.IsHolding && LargestPartialBlob() > Half / 2, "the first half on disk");
            (CommandResult interrupted, TimeSpan taken) = await pulling.InterruptAsync();

            Assert.Equal(130, interrupted.ExitCode);
            Assert.Equal("winlayers: interrupted [WCL1912]", interrupted.ErrorLines[^1]);
            Assert.Contains("winlayers: cleaning up; once more ends at once", interrupted.ErrorLines);
            Assert.InRange(taken, TimeSpan.Zero, TimeSpan.FromSeconds(1));
            Assert.DoesNotContain(Directory.EnumerateFiles(Path.Combine(_command.Store, "blobs", "sha256")),
                blob => new FileInfo(blob).Length > Half / 2);
        }

        using var second = new Relay(_registry);
        CommandResult pulled = (await _command.RunAsync("pull", $"{second.Host}/win/large:1")).ShouldSucceed();

        Assert.Equal(copied.Output, pulled.Output);
        long from = long.Parse(Range().Match(second.Requests).Groups["from"].Value);
        long size = Directory.EnumerateFiles(Path.Combine(_command.Store, "blobs", "sha256")).Max(blob => new FileInfo(blob).Length);
        Assert.InRange(from, Half / 2, size - 1);
        Assert.InRange(second.BytesDown, 1, size - from + (1 << 20));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Copy_ConnectionCutInTheMiddleOfAnUpload_Arrives(bool registryForgetsTheUpload)
    {
        // Five pieces; the second is cut.
        var image = new SmallImage(bytes: 40 << 20);
        image.WriteLayout(_command["layout"], "v1");
        string source = $"{_registry.Host}/source/app:v1";
        (await _command.RunAsync("copy", $"oci:{_command["layout"]}:v1", source)).ShouldSucceed();
        using var relay = new Relay(_registry) { CutAfter = 12 << 20, OnCut = registryForgetsTheUpload ? _registry.ForgetUploads : null };

        CommandResult copied = (await _command.RunAsync("copy", source, $"{relay.Host}/team/app:v1")).ShouldSucceed();

        Assert.True(relay.HasCut);
        Assert.Equal($"{image.Manifest.Digest}", Assert.Single(copied.OutputLines));
        (await _command.RunAsync("copy", $"{_registry.Host}/team/app:v1", $"oci:{_command["back"]}:v1")).ShouldSucceed();
    }

    [Fact]
    public async Task Copy_IntoAStoreThatIsCollectedMeanwhile_Arrives()
    {
        var image = new SmallImage();
        image.WriteLayout(_command["layout"], "v1");
        (await _command.RunAsync("copy", $"oci:{_command["layout"]}:v1", $"{_registry.Host}/source/app:v1")).ShouldSucceed();
        (await _command.RunAsync("pull", "sample:")).ShouldSucceed();
        using var relay = new Relay(_registry) { HoldAfter = 1 << 20 };
        using RunningCommand copying = _command.Start("copy", $"{relay.Host}/source/app:v1", $"oci:{_command.Store}:v1");
        string config = Path.Combine(_command.Store, "blobs", "sha256", image.Config.Digest.Hex);
        await copying.WaitForAsync(() => relay.IsHolding && File.Exists(config), "half a copy");

        // No name leads to it yet, and it is older than what is kept in any case.
        File.SetLastWriteTimeUtc(config, DateTime.UtcNow.AddDays(-2));
        JsonElement collected = (await _command.RunAsync("gc", "--json")).Json;

        Assert.True(collected.GetProperty("isBusy").GetBoolean());
        Assert.Empty(collected.GetProperty("items").EnumerateArray());
        relay.Release();
        Assert.Equal($"{image.Manifest.Digest}", Assert.Single((await copying.FinishAsync()).ShouldSucceed().OutputLines));
        Assert.Equal(image.ConfigBytes, await File.ReadAllBytesAsync(config, TestContext.Current.CancellationToken));
        Assert.Equal(image.LayerBytes,
            await File.ReadAllBytesAsync(Path.Combine(_command.Store, "blobs", "sha256", image.Layer.Digest.Hex),
            TestContext.Current.CancellationToken));
        Assert.False((await _command.RunAsync("gc", "--json")).Json.GetProperty("isBusy").GetBoolean());
        Assert.True(File.Exists(config));
    }

    private long LargestPartialBlob()
    {
        string partials = Path.Combine(_command.Store, "tmp", "blobs");
        return Directory.Exists(partials)
            ? Directory.EnumerateFiles(partials, "*.partial").Select(file => new FileInfo(file).Length).DefaultIfEmpty().Max()
            : 0;
    }

    private int FilesInFlight()
    {
        string tmp = Path.Combine(_command.Store, "tmp");
        return Directory.Exists(tmp)
            ? Directory.EnumerateDirectories(tmp, "layer-*")
                .SelectMany(layer => Directory.EnumerateFiles(layer, "*", SearchOption.AllDirectories)).Count()
            : 0;
    }

    [GeneratedRegex("Range: bytes=(?<from>[0-9]+)-", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Range();
}
