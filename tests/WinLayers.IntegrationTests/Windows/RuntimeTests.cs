namespace WinLayers.IntegrationTests.Windows;

/// <summary>The sample of a runtime (samples/Runtime), used as on a Windows host.</summary>
public sealed class RuntimeTests(WineBed bed) : WineTest(bed)
{
    [Fact]
    public async Task AContainersLayer_IsStarted_FoundAgainWhileItLives_AndStopped()
    {
        WineResult started = await SampleAsync("start", "sample:default", At("web"), At("images"));
        Assert.True(started.ExitCode == 0, started["output"]);
        Assert.Contains(@"mounted at \\?\Volume{", started["output"], StringComparison.Ordinal);
        Assert.Contains(@"boots \EFI\Microsoft\Boot\bootmgfw.efi", started["output"], StringComparison.Ordinal);
        string[] grants = [.. started.Calls.Where(call => call.StartsWith("GrantVmAccess ", StringComparison.Ordinal))];
        Assert.Equal($@"GrantVmAccess web@vm {WineBed.ToWindows(At("web.vm"))}\sandbox.vhdx", grants[0]);
        Assert.Equal(5, grants.Length);

        // A runtime that was restarted: the container may still run, and nothing is done to its layer.
        WineResult resumed = await SampleAsync("resume", At("web"));
        Assert.True(resumed.ExitCode == 0, resumed["output"]);
        Assert.StartsWith("live at ", resumed["output"], StringComparison.Ordinal);
        Assert.All(resumed.HostCalls, call => Assert.Equal("GetLayerMountPath", call));

        WineResult stopped = await SampleAsync("stop", At("web"));
        Assert.True(stopped.ExitCode == 0, stopped["output"]);
        Assert.Equal(
            ["UnprepareLayer", "DeactivateLayer", "DestroyLayer"], stopped.HostCalls.Where(call => call != "GetLayerMountPath"));
        Assert.False(Directory.Exists(At("web")));
        Assert.False(Directory.Exists(At("web.vm")));
    }

    [Fact]
    public async Task AContainersLayer_AfterARestartOfTheMachine_IsMountedAgain()
    {
        Assert.Equal(0, (await SampleAsync("start", "sample:default", At("web"), At("images"))).ExitCode);
        Assert.Equal(0, (await CommandAsync("scratch", "unmount", At("web"))).ExitCode);

        WineResult resumed = await SampleAsync("resume", At("web"));

        Assert.True(resumed.ExitCode == 0, resumed["output"]);
        Assert.StartsWith("mounted at ", resumed["output"], StringComparison.Ordinal);
        Assert.Equal(["ActivateLayer", "PrepareLayer"], resumed.HostCalls.Where(call => call != "GetLayerMountPath"));
        Assert.Equal(0, (await SampleAsync("stop", At("web"))).ExitCode);
    }
}
