using WinLayers.Volumes;
using WinLayers.Windows.Errors;
using WinLayers.Windows.Scratch;

namespace WinLayers.Windows.Tests;

public sealed class StorageFilterTests : IDisposable
{
    private const int Server2019 = 17763;
    private const int Windows1903 = 18362;
    private static readonly LayerChain Parents = ["/layers/app", "/layers/base"];

    private readonly string _root = Directory.CreateTempSubdirectory("winlayers-filter-").FullName;
    private readonly RecordingDisks _disks = new();

    private string Folder => Path.Join(_root, "scratch");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Create_FormatsTheDisk_AndMountsIt()
    {
        await using ScratchLayer scratch = await CreateAsync();

        Assert.Equal(
            ["Create 21474836480", "Format disk", "Attach for good", "Initialize /layers/app,/layers/base",
                "AttachFilter /layers/app,/layers/base"], _disks.Calls);
        Assert.Equal(@"\\?\Volume{1}\", scratch.MountPath);
    }

    [Fact]
    public async Task Create_OnServer2019_FormatsTheDeviceThatTheAttachedDiskIs()
    {
        await using ScratchLayer scratch = await CreateAsync(Server2019);

        Assert.Equal(
            ["Create 21474836480", "Attach for now", "GetPhysicalPath", @"OpenPhysicalDisk \\.\PhysicalDrive3", "Format device", "Detach"],
            _disks.Calls.Take(6));
        Assert.True(_disks.IsAttached);
    }

    // A second time would undo what a container wrote.
    [Fact]
    public async Task Mount_AgainAndAgain_InitializesOnce()
    {
        (await CreateAsync()).Keep();
        for (int i = 0; i < 2; i++)
        {
            await Open().UnmountAsync(TestContext.Current.CancellationToken);
            Assert.Equal(@"\\?\Volume{1}\", await Open().MountAsync(TestContext.Current.CancellationToken));
        }

        Assert.Single(_disks.Calls, call => call.StartsWith("Initialize", StringComparison.Ordinal));
        Assert.Equal(3, _disks.Calls.Count(call => call.StartsWith("AttachFilter", StringComparison.Ordinal)));
    }

    // As a process that was killed right after it made the disk leaves it.
    [Fact]
    public async Task Mount_OfADiskThatWasNeverInitialized_InitializesIt()
    {
        Directory.CreateDirectory(Folder);
        Engine(Windows1903).Create(Folder, Parents, sizeBytes: null);
        _disks.Fail("Initialize", 0x80070005);
        await Assert.ThrowsAsync<HostCallException>(() => Open().MountAsync(TestContext.Current.CancellationToken));
        Assert.False(_disks.IsAttached);
        _disks.FailNoMore();

        await Open().MountAsync(TestContext.Current.CancellationToken);

        Assert.Equal(2, _disks.Calls.Count(call => call.StartsWith("Initialize", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("Create")]
    [InlineData("Format")]
    [InlineData("Attach")]
    [InlineData("GetVolume")]
    [InlineData("DescribeLayers")]
    [InlineData("Initialize")]
    [InlineData("AttachFilter")]
    public async Task Create_AnyCallFails_LeavesNothing(string call)
    {
        _disks.Fail(call, 0x80070005);

        HostCallException e = await Assert.ThrowsAsync<HostCallException>(() => CreateAsync());

        Assert.Equal(call, e.Call);
        Assert.False(_disks.IsAttached);
        Assert.False(Directory.Exists(Folder));
    }

    [Fact]
    public async Task Mount_VolumeWithoutAPath_IsAClearError_AndNothingStaysAttached()
    {
        _disks.VolumePath = "";

        HostStateException e = await Assert.ThrowsAsync<HostStateException>(() => CreateAsync());

        Assert.Equal("WCL6008", e.Code);
        Assert.False(_disks.IsAttached);
        Assert.False(Directory.Exists(Folder));
    }

    [Fact]
    public async Task Mount_VolumeThatArrivesLater_IsWaitedFor()
    {
        _disks.VolumeArrivesAfter = 3;

        await using ScratchLayer scratch = await CreateAsync();

        Assert.Equal(@"\\?\Volume{1}\", scratch.MountPath);
        Assert.Single(_disks.Calls, call => call.StartsWith("Attach for", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Export_TakesTheFilterOff_AndExportsTheMountedVolume()
    {
        (await CreateAsync()).Keep();
        await Open().UnmountAsync(TestContext.Current.CancellationToken);
        _disks.Calls.Clear();

        await Open().ExportAsync("/transport", TestContext.Current.CancellationToken);

        Assert.Equal(
            ["Attach for good", "AttachFilter /layers/app,/layers/base", "DetachFilter",
                @"ExportLayer \\?\Volume{1} /layers/app,/layers/base", "Detach"], _disks.Calls);
    }

    [Theory]
    [InlineData(1, 512)]
    [InlineData(512, 512)]
    [InlineData(10_000_000_001, 10_000_000_512)]
    [InlineData(long.MaxValue, 9_223_372_036_854_775_808)]
    public async Task Create_SizeOfNoWholeSectors_IsRoundedUp(long size, ulong expected)
    {
        await using ScratchLayer scratch = await CreateAsync(Windows1903, size);

        Assert.Equal($"Create {expected}", _disks.Calls[0]);
        Assert.Equal(0UL, expected % 512);
    }

    [Fact]
    public async Task Create_NoSize_IsACallersMistake() =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => CreateAsync(Windows1903, size: 0));

    [Fact]
    public async Task Expand_IsNotSupported()
    {
        (await CreateAsync()).Keep();

        Assert.Throws<HostNotSupportedException>(() => Open().Expand(1L << 40));
    }

    private StorageFilterEngine Engine(int build) => new(_disks, build);

    private ScratchLayer Open() => ScratchLayer.Open(Engine(Windows1903), Folder, Parents, new InstantTime());

    private Task<ScratchLayer> CreateAsync(int build = Windows1903, long? size = null) =>
        ScratchLayer.CreateAsync(Engine(build), Folder, Parents,
            ScratchOptions.Default with { Method = ScratchMethod.StorageFilter, SizeBytes = size, TimeProvider = new InstantTime() },
                default);
}
