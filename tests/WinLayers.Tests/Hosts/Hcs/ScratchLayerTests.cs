using WinLayers.Hosts;
using WinLayers.Hosts.Hcs;
using WinLayers.Layers;

namespace WinLayers.Tests.Hosts.Hcs;

public sealed class ScratchLayerTests : IDisposable
{
    private static readonly string[] Parents = ["/layers/app", "/layers/base"];

    private readonly string _root = Directory.CreateTempSubdirectory("winlayers-scratch-").FullName;
    private readonly RecordingCalls _calls = new();

    private string Folder => Path.Join(_root, "scratch");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Create_ForProcessIsolation_CreatesActivatesPreparesAndMounts()
    {
        await using ScratchLayer scratch = await CreateAsync(new ScratchOptions { SizeBytes = 1L << 36 });

        Assert.Equal(["CreateSandboxLayer", "ExpandSandboxSize", "ActivateLayer", "PrepareLayer", "GetLayerMountPath"], _calls.Calls);
        Assert.Equal(@"\\?\Volume{1}\", scratch.MountPath);
        Assert.Contains("CreateSandboxLayer /layers/app,/layers/base", _calls.Details);
        Assert.Equal(Parents, LayerChain.ReadFile(Folder));
    }

    [Fact]
    public async Task Create_ForHyperV_CreatesOnly()
    {
        await using ScratchLayer scratch = await CreateAsync(new ScratchOptions { Isolation = ScratchIsolation.HyperV });

        Assert.Equal(["CreateSandboxLayer"], _calls.Calls);
        Assert.Null(scratch.MountPath);
    }

    [Theory]
    [InlineData("CreateSandboxLayer", "CreateSandboxLayer,DestroyLayer")]
    [InlineData("ExpandSandboxSize", "CreateSandboxLayer,ExpandSandboxSize,DestroyLayer")]
    [InlineData("ActivateLayer", "CreateSandboxLayer,ExpandSandboxSize,ActivateLayer,DestroyLayer")]
    [InlineData("PrepareLayer", "CreateSandboxLayer,ExpandSandboxSize,ActivateLayer,PrepareLayer,DeactivateLayer,DestroyLayer")]
    [InlineData("GetLayerMountPath", "CreateSandboxLayer,ExpandSandboxSize,ActivateLayer,PrepareLayer,GetLayerMountPath,UnprepareLayer,DeactivateLayer,DestroyLayer")]
    public async Task Create_AnyCallFails_UndoesWhatWasDoneAndLeavesNothing(string failing, string calls)
    {
        _calls.Fail(failing, 0x80070005);

        HostCallException e = await Assert.ThrowsAsync<HostCallException>(() => CreateAsync(new ScratchOptions { SizeBytes = 1 }));

        Assert.Equal(failing, e.Call);
        Assert.Equal(calls.Split(','), _calls.Calls);
        Assert.False(Directory.Exists(Folder));
    }

    [Fact]
    public async Task Mount_BusyForAMoment_IsTriedAgain()
    {
        _calls.Fail("PrepareLayer", 0x80070015, times: 2);
        _calls.Fail("ActivateLayer", 0x80070020, times: 1);

        await using ScratchLayer scratch = await CreateAsync();

        Assert.Equal(3, _calls.Calls.Count(call => call == "PrepareLayer"));
        Assert.NotNull(scratch.MountPath);
    }

    [Fact]
    public async Task Mount_BusyForGood_GivesUpWithItsCode()
    {
        _calls.Fail("ActivateLayer", 0x80070020);

        HostCallException e = await Assert.ThrowsAsync<HostCallException>(() => CreateAsync());

        Assert.Equal(unchecked((int)0x80070020), e.ErrorCode);
        Assert.Equal(5, _calls.Calls.Count(call => call == "ActivateLayer"));
        Assert.False(Directory.Exists(Folder));
    }

    [Fact]
    public async Task Mount_OtherCode_IsNotTriedAgain()
    {
        _calls.Fail("ActivateLayer", 0x80070002);

        await Assert.ThrowsAsync<HostCallException>(() => CreateAsync());

        Assert.Single(_calls.Calls, call => call == "ActivateLayer");
    }

    [Fact]
    public async Task Remove_EveryStepFails_TriesThemAllAndReportsTheFirst()
    {
        ScratchLayer scratch = await CreateAsync();
        _calls.Calls.Clear();
        foreach (string call in (string[])["UnprepareLayer", "DeactivateLayer", "DestroyLayer"])
            _calls.Fail(call, 0x80070005);

        HostCallException e = await Assert.ThrowsAsync<HostCallException>(() => scratch.RemoveAsync(TestContext.Current.CancellationToken));

        Assert.Equal(["UnprepareLayer", "DeactivateLayer", "DestroyLayer"], _calls.Calls);
        Assert.Equal("UnprepareLayer", e.Call);
        Assert.Equal(2, e.UndoFailures.Count);
        Assert.False(Directory.Exists(Folder));
    }

    [Fact]
    public async Task Dispose_OfACreatedLayer_RemovesIt()
    {
        await using (await CreateAsync())
            _calls.Calls.Clear();

        Assert.Equal(["UnprepareLayer", "DeactivateLayer", "DestroyLayer"], _calls.Calls);
        Assert.False(Directory.Exists(Folder));
    }

    [Fact]
    public async Task Dispose_OfAKeptLayer_LeavesIt()
    {
        await using (ScratchLayer scratch = await CreateAsync())
            scratch.Keep();

        Assert.True(File.Exists(Path.Join(Folder, "sandbox.vhdx")));
    }

    [Fact]
    public async Task Open_TakesTheParentsFromTheLayerItself()
    {
        (await CreateAsync(new ScratchOptions { Isolation = ScratchIsolation.HyperV })).Keep();

        await using ScratchLayer opened = ScratchLayer.Open(new SandboxEngine(_calls), Folder, parents: null, TimeProvider.System);
        await opened.MountAsync(TestContext.Current.CancellationToken);
        await opened.UnmountAsync(TestContext.Current.CancellationToken);

        Assert.Contains("PrepareLayer /layers/app,/layers/base", _calls.Details);
        Assert.Equal(["UnprepareLayer", "DeactivateLayer"], _calls.Calls[^2..]);
    }

    [Fact]
    public async Task Create_InAFolderWithContents_TouchesNothing()
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllText(Path.Join(Folder, "precious"), "x");

        await Assert.ThrowsAsync<HostCallException>(() => CreateAsync());

        Assert.Empty(_calls.Calls);
        Assert.True(File.Exists(Path.Join(Folder, "precious")));
    }

    private Task<ScratchLayer> CreateAsync(ScratchOptions? options = null) =>
        ScratchLayer.CreateAsync(
            new SandboxEngine(_calls), Folder, Parents, (options ?? ScratchOptions.Default) with { TimeProvider = new InstantTime() }, default);

    /// <summary>A clock on which every wait is over at once.</summary>
    private sealed class InstantTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
