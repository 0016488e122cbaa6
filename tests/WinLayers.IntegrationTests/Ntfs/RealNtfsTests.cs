using System.Formats.Tar;
using System.Text.Json.Nodes;
using WinLayers.IntegrationTests.Cli;

namespace WinLayers.IntegrationTests.Ntfs;

/// <summary>
/// Base layers as unpack leaves them on this system, written onto a real NTFS by ntfs-3g with all that layer.jsonl keeps, and read from
/// there by wimlib's own reader of that file system: what the layer says is what NTFS holds.
/// </summary>
public sealed class RealNtfsTests : IDisposable
{
    private const string SignedFile = @"Files\Windows\System32\signed.dll", Hosts = @"Files\Windows\System32\drivers\etc\hosts",
        Settings = @"Files\ProgramData\settings.ini", Lnk = @"Files\Users\All Users.lnk", Junction = @"Files\Documents and Settings",
        Folder = @"Files\ProgramData";

    // O:BA G:SY, SACL: audit of success and failure for everyone, high mandatory label; DACL: everything for everyone.
    private const string AuditedDescriptor =
        "01001480" + "68000000" + "78000000" + "14000000" + "4c000000" +
        "0200380002000000" + "02c0140016010100" + "010100000000000100000000" +
        "1100140001000000" + "010100000000001000300000" + "0000000000000000" +
        "02001c0001000000" + "00001400ff011f00" + "010100000000000100000000" +
        "01020000000000052000000020020000" + "010100000000000512000000";

    // The field, where it is wrong, what the difference names, and how it is made wrong.
    private static readonly Dictionary<string, (string Path, string Said, Func<NtfsEntry, NtfsEntry> Change)> Planted =
        new(StringComparer.Ordinal)
        {
            ["attributes"] = (Hosts, "attributes", entry => entry with { Attributes = entry.Attributes ^ 1 }),
            ["attributes of a directory"] = (Folder, "attributes", entry => entry with { Attributes = entry.Attributes ^ 4 }),
            ["descriptor"] = (Hosts, "descriptor", entry => entry with { Security = Flip(entry.Security!, entry.Security!.Length - 4) }),
            ["descriptor's flags"] = (Folder, "descriptor", entry => entry with { Security = Flip(entry.Security!, 3) }),
            ["contents"] = (Hosts, "streams", entry => entry with { Content = () => Flip(entry.Content!(), 0) }),
            ["stream"] = (Settings, "streams", entry => entry with { Streams = WithFlipped(entry) }),
            ["stream of a directory"] = (Folder, "streams", entry => entry with { Streams = WithFlipped(entry) }),
            ["name of a stream"] = (Settings, "streams", entry => entry with
            {
                Streams = entry.Streams.ToDictionary(
                    stream => stream.Key.ToLowerInvariant(), stream => stream.Value, StringComparer.Ordinal),
            }),
            ["reparse data"] = (Lnk, "streams", entry => entry with { Reparse = Flip(entry.Reparse!, entry.Reparse!.Length - 2) }),
            ["reparse data of a directory"] =
                (Junction, "streams", entry => entry with { Reparse = Flip(entry.Reparse!, entry.Reparse!.Length - 4) }),
            ["extended attributes"] = (SignedFile, "extended attributes", entry => entry with
            {
                ExtendedAttributes = Flip(entry.ExtendedAttributes!, entry.ExtendedAttributes!.Length - 4),
            }),
            ["creation"] = (Hosts, "creation", entry => Flip(entry, 0)),
            ["access"] = (Hosts, "access", entry => Flip(entry, 1)),
            ["write"] = (Hosts, "write", entry => Flip(entry, 2)),
            ["change"] = (Hosts, "change", entry => Flip(entry, 3)),
            ["write of a directory"] = (Folder, "write", entry => Flip(entry, 2)),
            ["change of a directory"] = (Folder, "change", entry => Flip(entry, 3)),
        };

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Plants => [.. Planted.Keys];

    private static string Golden { get; } = Path.Combine(RepositoryAbove(AppContext.BaseDirectory), "tests", "golden");

    public static TheoryData<string> GoldenBases => [.. Directory.GetDirectories(Golden).Select(folder => Path.GetFileName(folder))
        .Where(name => name.StartsWith("base-", StringComparison.Ordinal) && !(bool)Expected(name)["refused"]!)
        .Order(StringComparer.Ordinal)];

    public void Dispose() => _folder.Dispose();

    // Any other image by hand: eng/real-ntfs.
    [Fact]
    public async Task Sample_OnNtfs_IsTheSame() =>
        await AssertSameAsync(await UnpackBaseAsync(Environment.GetEnvironmentVariable("WINLAYERS_TEST_NTFS_IMAGE") ?? "sample:default"));

    [Theory]
    [MemberData(nameof(GoldenBases))]
    public async Task GoldenBase_OnNtfs_IsTheSame(string name) => await AssertSameAsync(await UnpackGoldenAsync(name));

    [Fact]
    public async Task SystemAcl_OnNtfs_IsTheSame()
    {
        List<NtfsEntry> entries = await UnpackAuditedAsync();

        Assert.All(entries, entry => Assert.Equal(AuditedDescriptor, Convert.ToHexStringLower(entry.Security!)));
        await AssertSameAsync(entries);
    }

    [Theory]
    [MemberData(nameof(Plants))]
    public async Task OneWrongBit_OnNtfs_IsSeen(string field)
    {
        (string path, string said, Func<NtfsEntry, NtfsEntry> change) = Planted[field];
        List<NtfsEntry> entries = await UnpackBaseAsync("sample:default");
        List<NtfsEntry> wrong = [.. entries.Select(entry => entry.Path == path ? change(entry) : entry)];
        Assert.NotEqual(entries, wrong);

        string difference = Assert.Single(await DifferencesAsync(entries, wrong));

        Assert.StartsWith($"{path}: {said}: ", difference, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OneWrongBitOfASystemAcl_OnNtfs_IsSeen()
    {
        const int maskOfAudit = 20 + 8 + 4;
        List<NtfsEntry> entries = await UnpackAuditedAsync();

        string difference = Assert.Single(await DifferencesAsync(entries,
            [.. entries.Select(entry => entry.IsDirectory ? entry : entry with { Security = Flip(entry.Security!, maskOfAudit) })]));

        Assert.StartsWith(@"Files\audited.txt: descriptor: ", difference, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CopyInPlaceOfALink_OnNtfs_IsSeen()
    {
        const string name = @"UtilityVM\Files\Windows\System32\ntkrnlmp.exe", target = @"UtilityVM\Files\Windows\System32\ntoskrnl.exe";
        List<NtfsEntry> entries = await UnpackBaseAsync("sample:default");
        NtfsEntry file = entries.Single(entry => entry.Path == target);

        List<string> differences = await DifferencesAsync(
            entries, [.. entries.Select(entry => entry.Path == name ? file with { Path = name } : entry)]);

        Assert.Equal(2, differences.Count);
        Assert.All(differences, difference => Assert.Contains(": names: ", difference, StringComparison.Ordinal));
    }

    [Fact]
    public async Task MissingAndFurtherFile_OnNtfs_AreSeen()
    {
        const string path = @"Files\License.txt";
        List<NtfsEntry> entries = await UnpackBaseAsync("sample:default");

        List<string> differences = await DifferencesAsync(
            entries, [.. entries.Select(entry => entry.Path == path ? entry with { Path = @"Files\license.txt" } : entry)]);

        Assert.Equal([@"Files\license.txt: only on the volume", @"Files\License.txt: only in the layer"], differences);
    }

    private static byte[] Flip(byte[] bytes, int at)
    {
        byte[] changed = [.. bytes];
        changed[at] ^= 1;
        return changed;
    }

    private static Dictionary<string, Func<byte[]>> WithFlipped(NtfsEntry entry) => entry.Streams.ToDictionary(
        stream => stream.Key, stream => (Func<byte[]>)(() => stream.Value() is { Length: > 0 } bytes ? Flip(bytes, 0) : []),
        StringComparer.Ordinal);

    private static NtfsEntry Flip(NtfsEntry entry, int time) =>
        entry with { Times = [.. entry.Times.Select((ticks, i) => i == time ? ticks ^ 1 : ticks)] };

    private async Task AssertSameAsync(IReadOnlyList<NtfsEntry> entries)
    {
        List<string> differences = await DifferencesAsync(entries, entries);
        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    private async Task<List<string>> DifferencesAsync(IReadOnlyList<NtfsEntry> said, IReadOnlyList<NtfsEntry> written)
    {
        const long room = 64L << 20, roomPerEntry = 8L << 10;
        long contents = written.Sum(entry =>
            (entry.Content?.Invoke().LongLength ?? 0) + entry.Streams.Values.Sum(stream => stream().LongLength));
        await using NtfsVolumeImage volume =
            await NtfsVolumeImage.CreateAsync(_folder.Path, room + (contents * 2) + (written.Count * roomPerEntry));
        await volume.MountAsync();
        NtfsWriter.Write(volume, written);
        await volume.UnmountAsync();
        ChangeTimes.Set(volume.ImageFile, written);
        if (Environment.GetEnvironmentVariable("WINLAYERS_TEST_NTFS_KEEP") is { Length: > 0 } kept)
            File.Copy(volume.ImageFile, kept);
        List<WimEntry> captured = await WimImage.CaptureAsync(volume.ImageFile, _folder.Path);
        await volume.MountAsync();
        return NtfsComparison.Differences(said, captured, volume, await volume.FileNumbersAsync());
    }

    private async Task<List<NtfsEntry>> UnpackAuditedAsync()
    {
        using MemoryStream bytes = new();
        await using (TarWriter tar = new(bytes, TarEntryFormat.Pax, leaveOpen: true))
        {
            Dictionary<string, string> metadata = new(StringComparer.Ordinal)
            {
                ["MSWINDOWS.rawsd"] = Convert.ToBase64String(Convert.FromHexString(AuditedDescriptor)),
            };
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.Directory, "Files", metadata), TestContext.Current.CancellationToken);
            await tar.WriteEntryAsync(
                new PaxTarEntry(TarEntryType.RegularFile, "Files/audited.txt", metadata), TestContext.Current.CancellationToken);
        }

        return await UnpackBaseAsync(new TarImage().Layer(bytes.ToArray()).WriteTo(_folder["layout"]));
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
