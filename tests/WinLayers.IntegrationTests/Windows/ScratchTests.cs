namespace WinLayers.IntegrationTests.Windows;

/// <summary>Scratch layers and virtual machines' disks, through the win-x64 build.</summary>
public sealed class ScratchTests(WineBed bed) : WineTest(bed)
{
    private const string Vm = "12345678-ABCD-1234-1234-123456789ABC";

    [Fact]
    public async Task Scratch_OneAfterTheOther_CreatesUnmountsExpandsMountsRemoves()
    {
        string layer = await BaseAsync();

        WineResult created = await RunAsync("scratch-create", At("scratch"), layer, "--size=42949672960");
        created.AssertDone();
        Assert.StartsWith(@"\\?\Volume{", created["mountPath"], StringComparison.Ordinal);
        Assert.Equal(
            ["CreateSandboxLayer", "ExpandSandboxSize", "ActivateLayer", "PrepareLayer", "GetLayerMountPath", "GetLayerMountPath"],
            created.HostCalls);
        Assert.Contains("ExpandSandboxSize.bytes 42949672960", created.Calls);

        WineResult unmounted = await RunAsync("scratch-unmount", At("scratch"));
        unmounted.AssertDone();
        Assert.Equal(["UnprepareLayer", "DeactivateLayer"], unmounted.HostCalls);
        (await RunAsync("scratch-expand", At("scratch"), "85899345920")).AssertDone();
        WineResult mounted = await RunAsync("scratch-mount", At("scratch"));
        mounted.AssertDone();
        Assert.Contains(mounted.Calls, call => call.StartsWith("PrepareLayer.parent", StringComparison.Ordinal));

        WineResult removed = await RunAsync("scratch-remove", At("scratch"));
        removed.AssertDone();
        Assert.Equal(["UnprepareLayer", "DeactivateLayer", "DestroyLayer"], removed.HostCalls.Where(call => call != "GetLayerMountPath"));
        Assert.False(Directory.Exists(At("scratch")));
    }

    [Fact]
    public async Task StorageFilter_CreatedAndRemoved_LeavesNothing()
    {
        string layer = await BaseAsync();

        WineResult created = await RunAsync("scratch-create", At("scratch"), layer, "--filter");
        created.AssertDone();
        Assert.StartsWith(@"\\?\Volume{", created["mountPath"], StringComparison.Ordinal);
        (await RunAsync("scratch-remove", At("scratch"), "--filter")).AssertDone();

        Assert.False(Directory.Exists(At("scratch")));
    }

    [Fact]
    public async Task Scratch_ForHyperV_IsNeverActivated()
    {
        string layer = await BaseAsync();

        WineResult result = await RunAsync("scratch-create", At("scratch"), layer, "--hyperv");

        result.AssertDone();
        Assert.Equal(["CreateSandboxLayer"], result.HostCalls);
    }

    [Fact]
    public async Task Scratch_BusyForAMoment_IsTriedAgain()
    {
        string layer = await BaseAsync();

        WineResult result =
            await RunFailingAsync("PrepareLayer#1=0x80070015;ActivateLayer#1=0x80070020", "scratch-create", At("scratch"), layer);

        result.AssertDone();
        Assert.Equal(2, result.HostCalls.Count(call => call == "PrepareLayer"));
    }

    [Fact]
    public async Task Scratch_Disposed_IsGone()
    {
        string layer = await BaseAsync();

        WineResult result = await RunAsync("scratch-dispose", At("scratch"), layer);

        result.AssertDone();
        Assert.Equal("True", result["existed"]);
        Assert.False(Directory.Exists(At("scratch")));
    }

    [Fact]
    public async Task UtilityVm_Scratch_IsACopyThatTheMachineMayUse()
    {
        string layer = await BaseAsync();

        WineResult result = await RunAsync("uvm-scratch", Vm, At("vm"), layer);

        result.AssertDone();
        Assert.Equal(
            await File.ReadAllBytesAsync(Path.Join(layer, "UtilityVM", "SystemTemplate.vhdx"), TestContext.Current.CancellationToken),
            await File.ReadAllBytesAsync(Path.Join(At("vm"), "sandbox.vhdx"), TestContext.Current.CancellationToken));
        string prefix = "GrantVmAccess " + Vm.ToLowerInvariant() + " ";
        Assert.Equal(
            [prefix + Native("vm") + @"\sandbox.vhdx", prefix + Native("base-utilityvm") + @"\UtilityVM\SystemTemplate.vhdx",
                prefix + Native("base-utilityvm")],
            result.Calls.Where(call => call.StartsWith("GrantVmAccess", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task ComputeStorage_EveryCall_IsAsTheServiceWantsIt()
    {
        string layer = await BaseAsync();
        Directory.CreateDirectory(At("layer"));

        WineResult result = await RunAsync("compute-storage", At("layer"), layer);

        result.AssertDone();
        Assert.Equal(11, result.HostCalls.Count(call => call.StartsWith("Hcs", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task FunctionThatABuildLacks_IsNotOnThisWindowsBuild()
    {
        WineResult result = await RunAsync("missing-function", Folder);

        Assert.Equal(1, result.ExitCode);
        Assert.Equal("WCL6002", result["code"]);
    }

    private async Task<string> BaseAsync()
    {
        (await UnpackAsync("base-utilityvm")).AssertDone();
        return At("base-utilityvm");
    }

    private string Native(string name) => @"\\?\" + WineBed.ToWindows(At(name));
}
