using WinLayers.Hosts;
using WinLayers.Hosts.Hcs;
using WinLayers.Hosts.Hcs.Interop;

namespace WinLayers.Tests.Hosts.Hcs;

public sealed class HostErrorTests
{
    [Theory]
    [InlineData(0x80070002, "ImportLayer", "marker")]
    [InlineData(0x80070003, "CreateSandboxLayer", "id")]
    [InlineData(0x80070005, "ProcessBaseImage", "privileges")]
    [InlineData(0x80070020, "ActivateLayer", "sandbox.vhdx")]
    [InlineData(0x80070070, "ImportLayer", "full")]
    [InlineData(0xC0370112, "whatever", "build")]
    public void Exception_OfAKnownCode_TellsCauseAndRemedy(uint code, string call, string word)
    {
        HostCallException e = new(call, unchecked((int)code), @"C:\layers\x", [@"C:\layers\p"]);

        Assert.Equal("WCL6001", e.Code);
        Assert.Contains(word, e.Cause, StringComparison.OrdinalIgnoreCase);
        Assert.NotEmpty(e.Remedy!);
        Assert.Contains($"{call} failed with 0x{code:X8}", e.Message, StringComparison.Ordinal);
        Assert.Contains(@"C:\layers\p", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void Exception_OfAnUnknownCode_StillNamesCallCodeAndLayer()
    {
        HostCallException e = new("PrepareLayer", unchecked((int)0x80ABCDEF), "layer");

        Assert.Null(e.Cause);
        Assert.Equal("PrepareLayer failed with 0x80ABCDEF on 'layer'", e.Message);
    }

    [Fact]
    public void Catalog_EntriesForACall_ComeBeforeTheOneForAny()
    {
        foreach (HostError entry in HostErrorCatalog.Entries)
            Assert.Same(entry, HostErrorCatalog.Find(entry.Call ?? "\0", entry.Code));
    }

    [Fact]
    public void Run_MissingLibrary_IsNotOnThisWindows()
    {
        HostNotSupportedException e = Assert.Throws<HostNotSupportedException>(
            () => HostCall.Run("vmcompute.dll", "ActivateLayer", "layer", () => throw new DllNotFoundException()));

        Assert.Contains("not on this Windows", e.Message, StringComparison.Ordinal);
        Assert.NotNull(e.Remedy);
    }

    [Fact]
    public void Run_MissingFunction_IsNotOnThisBuild()
    {
        HostNotSupportedException e = Assert.Throws<HostNotSupportedException>(
            () => HostCall.Run("computestorage.dll", "HcsSetupBaseOSVolume", "layer", () => throw new EntryPointNotFoundException()));

        Assert.Contains("not on this Windows build", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(@"C:\store\layers\abc", @"\\?\C:\store\layers\abc")]
    [InlineData(@"C:\store\layers\abc\", @"\\?\C:\store\layers\abc")]
    [InlineData(@"\\server\share\abc", @"\\?\UNC\server\share\abc")]
    [InlineData(@"\\?\C:\already", @"\\?\C:\already")]
    [InlineData(@"\\.\pipe\x", @"\\.\pipe\x")]
    [InlineData("C:/store/abc", @"\\?\C:\store\abc")]
    public void ToNative_LiftsTheLengthLimit(string path, string expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() && path.Contains("server", StringComparison.Ordinal), "asks the network on Windows");
        Assert.Equal(expected, HostPath.ToNative(path));
    }

    [Theory]
    [InlineData(@"C:\store\layers\abc", "abc")]
    [InlineData(@"C:\store\layers\abc\", "abc")]
    [InlineData("/var/layers/abc", "abc")]
    [InlineData("abc", "abc")]
    public void LastPart_IsWhatHcsMakesTheIdOf(string folder, string expected) => Assert.Equal(expected, HostPath.LastPart(folder));
}
