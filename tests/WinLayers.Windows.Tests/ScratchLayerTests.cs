using WinLayers.Volumes;
using WinLayers.Windows.Errors;
using WinLayers.Windows.Scratch;

namespace WinLayers.Windows.Tests;

public sealed class ScratchLayerTests : IDisposable
{
    private static readonly LayerChain Parents = ["/layers/app", "/layers/base"];

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
    [InlineData("GetLayerMountPath",
        "CreateSandboxLayer,ExpandSandboxSize,ActivateLayer,PrepareLayer,GetLayerMountPath,UnprepareLayer,DeactivateLayer,DestroyLayer")]
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

    // The disk that was activated is gone by the time it is prepared: preparing it again would never succeed.
    [Theory]
    [InlineData(0x80070015)]
    [InlineData(0x8007048F)]
    public async Task Mount_DiskGoneInBetween_IsDoneAgainAsAWhole(uint code)
    {
        _calls.Fail("PrepareLayer", code, times: 2);

        await using ScratchLayer scratch = await CreateAsync();

        Assert.Equal(
            ["CreateSandboxLayer", "ActivateLayer", "PrepareLayer", "DeactivateLayer", "ActivateLayer", "PrepareLayer", "DeactivateLayer",
                "ActivateLayer", "PrepareLayer", "GetLayerMountPath"], _calls.Calls);
    }

    [Fact]
    public async Task Mount_DiskGoneAgainAndAgain_GivesUpAndLeavesItUnmounted()
    {
        (await CreateAsync(new ScratchOptions { Isolation = ScratchIsolation.HyperV })).Keep();
        _calls.Fail("PrepareLayer", 0x8007048F);

        HostCallException e = await Assert.ThrowsAsync<HostCallException>(() => Open().MountAsync(TestContext.Current.CancellationToken));

        Assert.Equal("PrepareLayer", e.Call);
        Assert.Equal(5, _calls.Calls.Count(call => call == "ActivateLayer"));
        Assert.Equal(5, _calls.Calls.Count(call => call == "DeactivateLayer"));
        Assert.Empty(e.UndoFailures);
    }

    // A container may run on it: nothing is activated a second time, and nothing deactivated.
    [Fact]
    public async Task Mount_OfALayerThatIsMountedAlready_LeavesItAsItIs()
    {
        (await CreateAsync()).Keep();
        _calls.Calls.Clear();

        ScratchLayer opened = Open();
        Assert.Equal(@"\\?\Volume{1}\", opened.MountPath);
        Assert.Equal(@"\\?\Volume{1}\", await opened.MountAsync(TestContext.Current.CancellationToken));

        Assert.Equal(["GetLayerMountPath"], _calls.Calls);
    }

    [Fact]
    public async Task Mount_WhereSomebodyElseActivatedIt_DoesNotDeactivateIt()
    {
        (await CreateAsync(new ScratchOptions { Isolation = ScratchIsolation.HyperV })).Keep();
        ScratchLayer opened = Open();
        _calls.Calls.Clear();
        _calls.Fail("ActivateLayer", 0x80070020);

        await Assert.ThrowsAsync<HostCallException>(() => opened.MountAsync(TestContext.Current.CancellationToken));

        Assert.DoesNotContain("DeactivateLayer", _calls.Calls);
    }

    // Of a layer that has no volume Windows may tell its folder.
    [Fact]
    public async Task Open_WhereWindowsTellsAFolderInsteadOfAVolume_IsNotMounted()
    {
        (await CreateAsync(new ScratchOptions { Isolation = ScratchIsolation.HyperV })).Keep();
        _calls.UnmountedPath = Folder;

        Assert.Null(Open().MountPath);
    }

    [Fact]
    public async Task Export_MountsOnce_TakesTheFilterOff_Exports_AndDeactivates()
    {
        (await CreateAsync(new ScratchOptions { Isolation = ScratchIsolation.HyperV })).Keep();
        _calls.Calls.Clear();

        await Open().ExportAsync("/transport", TestContext.Current.CancellationToken);

        Assert.Equal(
            ["GetLayerMountPath", "ActivateLayer", "PrepareLayer", "UnprepareLayer", "ExportLayer", "DeactivateLayer"], _calls.Calls);
    }

    [Theory]
    [InlineData("PrepareLayer", "ActivateLayer,PrepareLayer,DeactivateLayer")]
    [InlineData("UnprepareLayer", "ActivateLayer,PrepareLayer,UnprepareLayer,DeactivateLayer")]
    [InlineData("ExportLayer", "ActivateLayer,PrepareLayer,UnprepareLayer,ExportLayer,DeactivateLayer")]
    [InlineData("DeactivateLayer", "ActivateLayer,PrepareLayer,UnprepareLayer,ExportLayer,DeactivateLayer")]
    public async Task Export_ACallFails_IsToldAsThatCall_AndNothingStaysActive(string failing, string calls)
    {
        (await CreateAsync(new ScratchOptions { Isolation = ScratchIsolation.HyperV })).Keep();
        ScratchLayer opened = Open();
        _calls.Calls.Clear();
        _calls.Fail(failing, 0x80070005);

        HostCallException e =
            await Assert.ThrowsAsync<HostCallException>(() => opened.ExportAsync("/transport", TestContext.Current.CancellationToken));

        Assert.Equal(failing, e.Call);
        Assert.Equal(calls.Split(','), _calls.Calls);
    }

    [Fact]
    public async Task Export_OfAMountedLayer_IsRefused_AndLeavesItMounted()
    {
        (await CreateAsync()).Keep();
        ScratchLayer opened = Open();
        _calls.Calls.Clear();

        HostStateException e =
            await Assert.ThrowsAsync<HostStateException>(() => opened.ExportAsync("/transport", TestContext.Current.CancellationToken));

        Assert.Equal((HostStateFailure.Mounted, "WCL6014"), (e.Reason, e.Code));
        Assert.Empty(_calls.Calls);
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

        HostStateException e = await Assert.ThrowsAsync<HostStateException>(() => CreateAsync());

        Assert.Equal("WCL6006", e.Code);
        Assert.NotNull(e.Remedy);
        Assert.Empty(_calls.Calls);
        Assert.True(File.Exists(Path.Join(Folder, "precious")));
    }

    [Theory]
    [InlineData(0x80070005)]
    [InlineData(0x80070020)]
    public async Task Remove_WhereWindowsDoesNotTellWhetherItIsMounted_UnmountsItFirst(uint code)
    {
        (await CreateAsync()).Keep();
        _calls.Calls.Clear();
        _calls.Fail("GetLayerMountPath", code);

        await Open().RemoveAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["GetLayerMountPath", "UnprepareLayer", "DeactivateLayer", "DestroyLayer"], _calls.Calls);
    }

    [Theory]
    [InlineData(0x80070002)]
    [InlineData(0x80070003)]
    [InlineData(0x80070490)]
    public async Task Remove_WhereWindowsKnowsNoSuchMount_OnlyDestroys(uint code)
    {
        (await CreateAsync(new ScratchOptions { Isolation = ScratchIsolation.HyperV })).Keep();
        _calls.Calls.Clear();
        _calls.Fail("GetLayerMountPath", code);

        await Open().RemoveAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["GetLayerMountPath", "DestroyLayer"], _calls.Calls);
        Assert.False(Directory.Exists(Folder));
    }

    // As a process leaves it that was killed between activating and preparing, or between unpreparing and deactivating.
    [Theory]
    [InlineData(0x80070002)]
    [InlineData(0x80070057)]
    public async Task Remove_OfALayerThatIsHalfMounted_IsDoneWhenItIsGone(uint code)
    {
        (await CreateAsync()).Keep();
        _calls.Fail("UnprepareLayer", code);

        await Open().RemoveAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["GetLayerMountPath", "UnprepareLayer", "DeactivateLayer", "DestroyLayer"], _calls.Calls[^4..]);
        Assert.False(Directory.Exists(Folder));
    }

    [Fact]
    public async Task Remove_OfALayerThatIsActivatedAlone_DeactivatesItWhereItCannotBeDestroyed()
    {
        (await CreateAsync(new ScratchOptions { Isolation = ScratchIsolation.HyperV })).Keep();
        _calls.Calls.Clear();
        _calls.Fail("DestroyLayer", 0x80070005, times: 1);
        _calls.Fail("UnprepareLayer", 0x80070490);

        await Open().RemoveAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["GetLayerMountPath", "DestroyLayer", "UnprepareLayer", "DeactivateLayer", "DestroyLayer"], _calls.Calls);
    }

    [Fact]
    public async Task Unmount_OfALayerThatIsHalfMounted_TakesDownTheOtherHalf()
    {
        (await CreateAsync()).Keep();
        _calls.Calls.Clear();
        _calls.Fail("UnprepareLayer", 0x80070490);

        await Open().UnmountAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["GetLayerMountPath", "UnprepareLayer", "DeactivateLayer"], _calls.Calls);
    }

    [Fact]
    public async Task Unmount_Fails_TellsOfEveryFailure()
    {
        (await CreateAsync()).Keep();
        _calls.Fail("UnprepareLayer", 0x80070005);
        _calls.Fail("DeactivateLayer", 0x80070005);

        HostCallException e = await Assert.ThrowsAsync<HostCallException>(() => Open().UnmountAsync(TestContext.Current.CancellationToken));

        Assert.Equal("UnprepareLayer", e.Call);
        Assert.Equal("DeactivateLayer", Assert.IsType<HostCallException>(Assert.Single(e.UndoFailures)).Call);
        Assert.Contains("DeactivateLayer failed with 0x80070005", e.Message, StringComparison.Ordinal);
    }

    // Taking down needs neither the parents nor their ids.
    [Fact]
    public async Task Unmount_WithoutItsChain_Works()
    {
        (await CreateAsync()).Keep();
        File.Delete(Path.Join(Folder, LayerChain.FileName));
        _calls.Calls.Clear();

        await Open().UnmountAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["GetLayerMountPath", "UnprepareLayer", "DeactivateLayer"], _calls.Calls);
    }

    [Fact]
    public async Task Remove_WithADamagedChain_Works_AndMountingSaysWhatIsDamaged()
    {
        (await CreateAsync()).Keep();
        File.WriteAllText(Path.Join(Folder, LayerChain.FileName), "[1");

        LayerChainException e =
            await Assert.ThrowsAsync<LayerChainException>(() => Open().MountAsync(TestContext.Current.CancellationToken));
        await Open().RemoveAsync(TestContext.Current.CancellationToken);

        Assert.Equal(Path.Join(Folder, LayerChain.FileName), e.File);
        Assert.Equal(["UnprepareLayer", "DeactivateLayer", "DestroyLayer"], _calls.Calls[^3..]);
        Assert.False(Directory.Exists(Folder));
    }

    [Fact]
    public async Task Mount_WithoutItsChain_AsksForTheParents()
    {
        (await CreateAsync(new ScratchOptions { Isolation = ScratchIsolation.HyperV })).Keep();
        File.Delete(Path.Join(Folder, LayerChain.FileName));
        _calls.Calls.Clear();

        HostStateException e = await Assert.ThrowsAsync<HostStateException>(() => Open().MountAsync(TestContext.Current.CancellationToken));

        Assert.Contains("name the layers, nearest first", e.Remedy, StringComparison.Ordinal);
        Assert.Equal(["GetLayerMountPath"], _calls.Calls);
    }

    [Fact]
    public async Task EveryVerb_OnAFolderThatIsNoScratchLayer_TouchesNothing()
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllText(Path.Join(Folder, "precious"), "x");
        ScratchLayer none = Open();

        foreach (Func<Task> verb in (Func<Task>[])
            [() => none.MountAsync(default), () => none.UnmountAsync(default), () => none.RemoveAsync(default),
                () => Task.Run(() => none.Expand(1 << 30))])
        {
            Assert.Equal("WCL6010", (await Assert.ThrowsAsync<HostStateException>(verb)).Code);
        }

        Assert.Empty(_calls.Calls);
        Assert.True(File.Exists(Path.Join(Folder, "precious")));
    }

    private ScratchLayer Open() => ScratchLayer.Open(new SandboxEngine(_calls), Folder, parents: null, new InstantTime());

    private Task<ScratchLayer> CreateAsync(ScratchOptions? options = null) =>
        ScratchLayer.CreateAsync(
            new SandboxEngine(_calls), Folder, Parents, (options ?? ScratchOptions.Default) with { TimeProvider = new InstantTime() },
                default);
}
