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
        Assert.Equal(["UnprepareLayer", "DeactivateLayer"], unmounted.HostCalls.Where(call => call != "GetLayerMountPath"));
        (await RunAsync("scratch-expand", At("scratch"), "85899345920")).AssertDone();
        WineResult mounted = await RunAsync("scratch-mount", At("scratch"));
        mounted.AssertDone();
        Assert.Contains(mounted.Calls, call => call.StartsWith("PrepareLayer.parent", StringComparison.Ordinal));

        WineResult removed = await RunAsync("scratch-remove", At("scratch"));
        removed.AssertDone();
        Assert.Equal(["UnprepareLayer", "DeactivateLayer", "DestroyLayer"], removed.HostCalls.Where(call => call != "GetLayerMountPath"));
        Assert.False(Directory.Exists(At("scratch")));
    }

    // As a runtime finds a container again after a restart of its own.
    [Fact]
    public async Task Scratch_MountedByAnotherProcess_IsRecognized_AndLeftAsItIs()
    {
        string layer = await BaseAsync();
        WineResult created = await RunAsync("scratch-create", At("scratch"), layer);
        created.AssertDone();

        WineResult looked = await RunAsync("scratch-look", At("scratch"));
        WineResult mounted = await RunAsync("scratch-mount", At("scratch"));

        looked.AssertDone();
        mounted.AssertDone();
        Assert.Equal(created["mountPath"], looked["mountPath"]);
        Assert.Equal(created["mountPath"], mounted["mountPath"]);
        Assert.All(mounted.HostCalls, call => Assert.Equal("GetLayerMountPath", call));
        (await RunAsync("scratch-remove", At("scratch"))).AssertDone();
        Assert.False(Directory.Exists(At("scratch")));
    }

    // The stand-in objects to two at once, as Windows runs into time-outs.
    [Fact]
    public async Task Scratch_ManyAtOnce_ArePreparedOneAfterTheOther()
    {
        string layer = await BaseAsync();

        WineResult result = await RunAsync("scratch-many", At("many"), "8", layer);

        result.AssertDone();
        Assert.Equal(8, result.HostCalls.Count(call => call == "PrepareLayer"));
    }

    [Fact]
    public async Task Scratch_DiskGoneWhenItIsPrepared_IsMountedAnewAsAWhole()
    {
        string layer = await BaseAsync();

        WineResult result =
            await RunFailingAsync("PrepareLayer#1=0x80070015;PrepareLayer#2=0x8007048F", "scratch-create", At("scratch"), layer);

        result.AssertDone();
        Assert.Equal(
            ["CreateSandboxLayer", "ActivateLayer", "PrepareLayer", "DeactivateLayer", "ActivateLayer", "PrepareLayer", "DeactivateLayer",
                "ActivateLayer", "PrepareLayer", "GetLayerMountPath", "GetLayerMountPath"], result.HostCalls);
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
            [prefix + Native("vm") + @"\sandbox.vhdx"],
            result.Calls.Where(call => call.StartsWith("GrantVmAccess", StringComparison.Ordinal)));
        WineResult all = await RunAsync("uvm-scratch", Vm, At("vm2"), layer, "--layers");
        Assert.Equal(
            [prefix + Native("vm2") + @"\sandbox.vhdx", prefix + Native("base-utilityvm") + @"\UtilityVM\SystemTemplate.vhdx",
                prefix + Native("base-utilityvm")],
            all.Calls.Where(call => call.StartsWith("GrantVmAccess", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task VmCompute_EveryCall_IsAsTheServiceWantsIt_AndIsTold()
    {
        string layer = await BaseAsync();
        Directory.CreateDirectory(At("calls"));

        WineResult result = await RunAsync("vmcompute", At("calls"), layer);

        result.AssertDone();
        Assert.StartsWith(@"\\?\Volume{", result["mounted"], StringComparison.Ordinal);
        string[] told = [.. result.Facts.GetProperty("told").EnumerateArray().Select(line => line.GetString()!)];
        Assert.Equal($"Debug: CreateSandboxLayer on '{WineBed.ToWindows(At("calls"))}\\scratch'", told[0]);
        Assert.Equal(15, told.Length);
    }

    [Fact]
    public async Task ComputeStorage_EveryCall_IsAsTheServiceWantsIt()
    {
        string layer = await BaseAsync();
        Directory.CreateDirectory(At("layer"));

        WineResult result = await RunAsync("compute-storage", At("layer"), layer);

        result.AssertDone();
        Assert.Equal(12, result.HostCalls.Count(call => call.StartsWith("Hcs", StringComparison.Ordinal)));
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

    private string Native(string name) => WineBed.ToWindows(At(name));
}
