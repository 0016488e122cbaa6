using System.Runtime.Versioning;
using WinLayers.Windows.Errors;

namespace WinLayers.Windows.Tests;

/// <summary>What the host says where Windows is not asked, on any system.</summary>
[SupportedOSPlatform("windows")]
public sealed class HcsLayerHostTests
{
    [Fact]
    public void Verify_SaysThatWindowsKeepsNoDigests() =>
        Assert.False(new HcsLayerHost().Verify("/layer", [], cancellationToken: TestContext.Current.CancellationToken).IsCompared);

    [Fact]
    public void MakingOne_AsksTheSystemForNothing_AndTheFirstCallDoes()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "what Windows answers is in the integration tests");
        HcsLayerHost host = new();
        Assert.Throws<HostNotSupportedException>(() => host.Destroy("/layer"));
        Assert.Throws<HostNotSupportedException>(() => host.OpenTree("/layer"));
        Assert.Throws<HostNotSupportedException>(() => host.GetLayerId("/layer"));
    }

    [Theory]
    [InlineData("ReFS")]
    [InlineData("FAT32")]
    [InlineData("exFAT")]
    public void VolumeThatIsNotNtfs_IsRefused(string format)
    {
        HostStateException e = Assert.Throws<HostStateException>(() => HcsProbe.JudgeVolume(@"E:\", format));

        Assert.Equal((HostStateFailure.NotNtfs, "WCL6015"), (e.Reason, e.Code));
        Assert.Contains(format, e.Message, StringComparison.Ordinal);
        HcsProbe.JudgeVolume(@"E:\", "NTFS");
    }
}
