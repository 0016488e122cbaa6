using WinLayers.IntegrationTests.Cli;

namespace WinLayers.IntegrationTests.Faults;

/// <summary>Several processes on one store.</summary>
public sealed class ProcessesTests : IDisposable
{
    private const string Large = "sample:large?entries=2000&bytes=20000000";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("sample:", "sample:")]
    [InlineData(Large, Large, Large, Large)]
    [InlineData("sample:", Large, "sample:", Large)]
    public async Task SeveralAtOnce_AllSucceed(params string[] images)
    {
        string store = _folder["store"];
        RunningCommand[] runs = [.. images.Select(image => FaultedStore.Start(store, "unpack", image))];
        CommandResult[] results = await Task.WhenAll(runs.Select(run => run.FinishAsync()));
        foreach (RunningCommand run in runs)
            run.Dispose();

        Assert.All(results, result => result.ShouldSucceed());
        foreach (IGrouping<string, (string Image, CommandResult Result)> same in images.Zip(results)
            .GroupBy(pair => pair.First, StringComparer.Ordinal))
            Assert.Single(same.Select(pair => pair.Result.Output).Distinct(StringComparer.Ordinal));
        FaultedStore.AssertNothingHalfMade(store);
        await FaultedStore.AssertCleanAsync(store);
    }

    [Fact]
    public async Task OneOfThemKilled_TheOthersSucceed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent as Unix has them.");
        string store = _folder["store"];
        using RunningCommand doomed = FaultedStore.Start(store, "unpack", Large);
        string temporary = Path.Combine(store, "tmp");
        await doomed.WaitForAsync(
            () => Directory.Exists(temporary) && Directory.EnumerateDirectories(temporary, "layer-*").Any(), "unpacking");
        using RunningCommand other = FaultedStore.Start(store, "unpack", Large);
        using RunningCommand third = FaultedStore.Start(store, "unpack", "sample:");
        _ = FaultedStore.Kill(doomed.Process.Id, signal: 9);
        await doomed.FinishAsync();

        (await other.FinishAsync()).ShouldSucceed();
        (await third.FinishAsync()).ShouldSucceed();
        await FaultedStore.AssertCleanAsync(store);
        await FaultedStore.AssertCompletesAsync(store, Large);
    }

    [Fact]
    public async Task CollectedWhileOthersUnpack_NothingInUseGoes()
    {
        string store = _folder["store"];
        using RunningCommand unpack = FaultedStore.Start(store, "unpack", Large);
        for (int i = 0; i < 3; i++)
        {
            using RunningCommand collect = FaultedStore.Start(store, "gc");
            await collect.FinishAsync();
        }

        (await unpack.FinishAsync()).ShouldSucceed();
        await FaultedStore.AssertCleanAsync(store);
    }
}
