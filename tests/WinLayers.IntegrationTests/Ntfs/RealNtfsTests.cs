using System.Text.Json.Nodes;
using WinLayers.IntegrationTests.Cli;

namespace WinLayers.IntegrationTests.Ntfs;

/// <summary>
/// Base layers as unpack leaves them on this system, written onto a real NTFS by ntfs-3g with all that layer.jsonl keeps, and read from there
/// by wimlib's own reader of that file system: what the layer says is what NTFS holds.
/// </summary>
public sealed class RealNtfsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static string Golden { get; } = Path.Combine(RepositoryAbove(AppContext.BaseDirectory), "tests", "golden");

    public static TheoryData<string> GoldenBases => [.. Directory.GetDirectories(Golden).Select(folder => Path.GetFileName(folder))
        .Where(name => name.StartsWith("base-", StringComparison.Ordinal) && !(bool)Expected(name)["refused"]!).Order(StringComparer.Ordinal)];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Sample_OnNtfs_IsTheSame() => await AssertSameAsync(await UnpackBaseAsync("sample:default"));

    [Theory]
    [MemberData(nameof(GoldenBases))]
    public async Task GoldenBase_OnNtfs_IsTheSame(string name) => await AssertSameAsync(await UnpackGoldenAsync(name));

    private async Task AssertSameAsync(IReadOnlyList<NtfsEntry> entries)
    {
        List<string> differences = await DifferencesAsync(entries, entries);
        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    private async Task<List<string>> DifferencesAsync(IReadOnlyList<NtfsEntry> said, IReadOnlyList<NtfsEntry> written)
    {
        const long room = 64L << 20;
        long contents = written.Sum(entry => (entry.Content?.Invoke().LongLength ?? 0) + entry.Streams.Values.Sum(stream => stream().LongLength));
        await using NtfsVolumeImage volume = await NtfsVolumeImage.CreateAsync(_folder.Path, room + (contents * 2));
        await volume.MountAsync();
        NtfsWriter.Write(volume, written);
        await volume.UnmountAsync();
        List<WimEntry> captured = await WimImage.CaptureAsync(volume.ImageFile, _folder.Path);
        await volume.MountAsync();
        return NtfsComparison.Differences(said, captured, volume);
    }

    private async Task<List<NtfsEntry>> UnpackGoldenAsync(string name) => await UnpackBaseAsync(
        new TarImage().Layer(await File.ReadAllBytesAsync(Path.Combine(Golden, name, "layer.tar"), TestContext.Current.CancellationToken))
            .WriteTo(_folder["layout"]));

    private async Task<List<NtfsEntry>> UnpackBaseAsync(string image)
    {
        CommandResult unpacked = await WinLayersCommand.RunAsync("unpack", image, "--store", _folder["store"]);
        // Nearest first: the base is the last.
        return PortableLayerReader.Read(unpacked.ShouldSucceed().OutputLines[^1]);
    }

    private static JsonNode Expected(string name) => JsonNode.Parse(File.ReadAllText(Path.Combine(Golden, name, "expected.json")))!;

    private static string RepositoryAbove(string folder) =>
        File.Exists(Path.Combine(folder, "WinLayers.slnx")) ? folder : RepositoryAbove(Path.GetDirectoryName(folder)!);
}
