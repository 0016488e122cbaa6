using WinLayers.Windows.Errors;
using WinLayers.Windows.Interop;

namespace WinLayers.Windows.Tests;

public sealed class HostErrorTests
{
    [Theory]
    [InlineData(0x80070002, "ImportLayer", "marker")]
    [InlineData(0x80070003, "CreateSandboxLayer", "id")]
    [InlineData(0x80070005, "ProcessBaseImage", "privileges")]
    [InlineData(0x80070020, "ActivateLayer", "sandbox.vhdx")]
    [InlineData(0x80070070, "ImportLayer", "full")]
    [InlineData(0xC0370101, "PrepareLayer", "another Windows build")]
    [InlineData(0xC0370112, "PrepareLayer", "format")]
    [InlineData(0xC03A001A, "CreateVirtualDisk", "compressed")]
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

    // Number and name as Microsoft's table of HCS errors pairs them; the older functions give the same numbers as 0xC037….
    [Theory]
    [InlineData(0x100, "HCS_E_TERMINATED_DURING_START")]
    [InlineData(0x101, "HCS_E_IMAGE_MISMATCH")]
    [InlineData(0x102, "HCS_E_HYPERV_NOT_INSTALLED")]
    [InlineData(0x105, "HCS_E_INVALID_STATE")]
    [InlineData(0x106, "HCS_E_UNEXPECTED_EXIT")]
    [InlineData(0x107, "HCS_E_TERMINATED")]
    [InlineData(0x108, "HCS_E_CONNECT_FAILED")]
    [InlineData(0x109, "HCS_E_CONNECTION_TIMEOUT")]
    [InlineData(0x10A, "HCS_E_CONNECTION_CLOSED")]
    [InlineData(0x10C, "HCS_E_UNSUPPORTED_PROTOCOL_VERSION")]
    [InlineData(0x10D, "HCS_E_INVALID_JSON")]
    [InlineData(0x10E, "HCS_E_SYSTEM_NOT_FOUND")]
    [InlineData(0x10F, "HCS_E_SYSTEM_ALREADY_EXISTS")]
    [InlineData(0x110, "HCS_E_SYSTEM_ALREADY_STOPPED")]
    [InlineData(0x111, "HCS_E_PROTOCOL_ERROR")]
    [InlineData(0x112, "HCS_E_INVALID_LAYER")]
    [InlineData(0x113, "HCS_E_WINDOWS_INSIDER_REQUIRED")]
    [InlineData(0x114, "HCS_E_SERVICE_NOT_AVAILABLE")]
    [InlineData(0x118, "HCS_E_OPERATION_TIMEOUT")]
    [InlineData(0x11B, "HCS_E_ACCESS_DENIED")]
    [InlineData(0x11C, "HCS_E_GUEST_CRITICAL_ERROR")]
    [InlineData(0x11E, "HCS_E_SERVICE_DISCONNECT")]
    public void ComputeSystemCode_InBothForms_HasItsName(int number, string name)
    {
        Assert.Equal(name, HostErrorCatalog.Find("any", unchecked((int)0x80370000) | number)?.Name);
        Assert.Equal(name, HostErrorCatalog.Find("any", unchecked((int)0xC0370000) | number)?.Name);
    }

    // As winerror.h has them.
    [Theory]
    [InlineData(0xC03A0004, "ERROR_VHD_FORMAT_UNKNOWN")]
    [InlineData(0xC03A000D, "ERROR_VHD_PARENT_VHD_NOT_FOUND")]
    [InlineData(0xC03A000E, "ERROR_VHD_CHILD_PARENT_ID_MISMATCH")]
    [InlineData(0xC03A0013, "ERROR_VHD_INVALID_FILE_SIZE")]
    [InlineData(0xC03A0014, "ERROR_VIRTDISK_PROVIDER_NOT_FOUND")]
    [InlineData(0xC03A0016, "ERROR_VHD_PARENT_VHD_ACCESS_DENIED")]
    [InlineData(0xC03A0019, "ERROR_VHD_DIFFERENCING_CHAIN_ERROR_IN_PARENT")]
    [InlineData(0xC03A001A, "ERROR_VIRTUAL_DISK_LIMITATION")]
    [InlineData(0xC03A001C, "ERROR_VHD_INVALID_STATE")]
    [InlineData(0xC03A001E, "ERROR_VIRTDISK_DISK_ALREADY_OWNED")]
    public void VirtualDiskCode_HasItsName(uint code, string name) =>
        Assert.Equal(name, HostErrorCatalog.Find("any", unchecked((int)code))?.Name);

    [Theory]
    [InlineData(0x80370101)]
    [InlineData(0xC0370101)]
    [InlineData(0xC0370112)]
    public void BuildMismatch_IsSentToAnImageOfTheHostsBuild(uint code)
    {
        HostCallException e = new("PrepareLayer", unchecked((int)code));

        Assert.Contains("this host's build", e.Remedy, StringComparison.Ordinal);
        Assert.Contains("Hyper-V isolation", e.Remedy, StringComparison.Ordinal);
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
    public void Catalog_HasNoCodeTwiceForOneCall() =>
        Assert.Equal(HostErrorCatalog.Entries.Count, HostErrorCatalog.Entries.DistinctBy(entry => (entry.Code, entry.Call)).Count());

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

    // A few pairs of NTSTATUS and Win32 error as RtlNtStatusToDosError gives them; 317 stands for "none".
    [Theory]
    [InlineData(0xC0000022, 5, 0x80070005)]
    [InlineData(0xC0000043, 32, 0x80070020)]
    [InlineData(0xC0000463, 317, 0xD0000463)]
    public void Status_BecomesTheErrorOfItsTwin_OrStaysItself(uint status, int win32, uint expected) =>
        Assert.Equal(unchecked((int)expected), HResult.FromNtStatus(unchecked((int)status), win32));

    [Fact]
    public void Exception_OfAStatusWithoutATwin_NamesIt()
    {
        HostCallException e = new("NtCreateFile", unchecked((int)0xD0000463), "file");

        Assert.Equal("NtCreateFile failed with 0xD0000463 (NTSTATUS 0xC0000463) on 'file'", e.Message);
        Assert.DoesNotContain("NTSTATUS", new HostCallException("HcsImportLayer", unchecked((int)0xC0370101)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Exception_WithUndoFailures_KeepsAllThatItKnew()
    {
        HostCallException first =
            new("NtCreateFile", unchecked((int)0x80070005), "file", ["parent"]) { NtStatus = unchecked((int)0xC0000022) };

        HostCallException e = first.WithUndoFailures([new IOException("stuck")]).WithUndoFailures([new IOException("stuck again")]);

        Assert.Equal(["stuck", "stuck again"], e.UndoFailures.Select(failure => failure.Message));
        Assert.Contains("undoing it failed too, 2 times: stuck", e.Message, StringComparison.Ordinal);
        Assert.Equal((first.ErrorCode, first.NtStatus, first.Layer, first.Remedy), (e.ErrorCode, e.NtStatus, e.Layer, e.Remedy));
        Assert.Equal(first.Chain, e.Chain);
    }

    [Theory]
    [InlineData(@"C:\store\layers\abc", @"\\?\C:\store\layers\abc")]
    [InlineData(@"C:\store\layers\abc\", @"\\?\C:\store\layers\abc")]
    [InlineData(@"\\server\share\abc", @"\\?\UNC\server\share\abc")]
    [InlineData(@"\\?\C:\already", @"\\?\C:\already")]
    [InlineData(@"\\.\pipe\x", @"\\.\pipe\x")]
    [InlineData("C:/store/abc", @"\\?\C:\store\abc")]
    public void ToLong_LiftsTheLengthLimit(string path, string expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() && path.Contains("server", StringComparison.Ordinal), "asks the network on Windows");
        Assert.Equal(expected, HostPath.ToLong(path));
    }

    [Theory]
    [InlineData(@"C:\store\layers\abc\", @"C:\store\layers\abc")]
    [InlineData("C:/store/abc", @"C:\store\abc")]
    [InlineData(@"\\?\C:\store\abc", @"C:\store\abc")]
    [InlineData(@"\\?\UNC\server\share\abc", @"\\server\share\abc")]
    [InlineData(@"\\?\C:\store\abc.", @"\\?\C:\store\abc.")]
    [InlineData(@"\\?\C:\store\a b \c", @"\\?\C:\store\a b \c")]
    [InlineData(@"\\?\Volume{1}\", @"\\?\Volume{1}\")]
    [InlineData(@"\\.\PhysicalDrive3", @"\\.\PhysicalDrive3")]
    public void ToPlain_IsThePathAsPeopleWriteIt_WhereThatMeansTheSame(string path, string expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() && path.Contains("server", StringComparison.Ordinal), "asks the network on Windows");
        Assert.Equal(expected, HostPath.ToPlain(path));
    }

    [Fact]
    public void ToPlain_IsTheLongFormFromTheLengthOnThatNeedsIt()
    {
        string fits = @"C:\" + new string('a', HostPath.MaxPlainLength - 4);

        Assert.Equal(fits, HostPath.ToPlain(fits));
        Assert.Equal(fits, HostPath.ToPlain(@"\\?\" + fits));
        Assert.Equal(@"\\?\" + fits + "a", HostPath.ToPlain(fits + "a"));
        Assert.Equal(@"\\?\" + fits + "a", HostPath.ToPlain(@"\\?\" + fits + "a"));
    }

    [Theory]
    [InlineData(@"C:\")]
    [InlineData("C:")]
    [InlineData(@"\\?\C:\")]
    [InlineData(@"\\?\")]
    [InlineData("/")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData(@"C:\layers\..")]
    public void LastPart_OfAFolderWithoutAName_IsRefused(string folder)
    {
        HostStateException e = Assert.Throws<HostStateException>(() => HostPath.LastPart(folder));

        Assert.Equal((HostStateFailure.NoLayerName, "WCL6013"), (e.Reason, e.Code));
    }

    [Theory]
    [InlineData(@"C:\store\layers\abc", "abc")]
    [InlineData(@"C:\store\layers\abc\", "abc")]
    [InlineData("/var/layers/abc", "abc")]
    [InlineData("abc", "abc")]
    public void LastPart_IsWhatHcsMakesTheIdOf(string folder, string expected) => Assert.Equal(expected, HostPath.LastPart(folder));
}
