using System.Buffers.Binary;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Tar;
using WinLayers.Transport;
using WinLayers.Volumes;

namespace WinLayers.IntegrationTests.Windows;

/// <summary>Staged on this system, imported through the win-x64 build; and the way back.</summary>
public sealed class ImportExportTests(WineBed bed) : WineTest(bed)
{
    [Theory]
    [InlineData("diff-links")]
    [InlineData("diff-whiteouts")]
    [InlineData("diff-utilityvm")]
    public async Task Import_StagedElsewhere_FollowsItsPlan(string name)
    {
        string parent = await BaseAsync();
        StagedLayer staged = Stage(name, parent);

        WineResult result = await RunAsync("import", staged.Folder, At("layer"), parent);

        result.AssertDone();
        Assert.Equal(name == "diff-utilityvm" ? ["ImportLayer", "ProcessUtilityImage"] : ["ImportLayer"], result.HostCalls);
        Assert.Equal(
            staged.Plan.Links.Select(link => $"Link {link.Path.Value} from {link.Target.Value}"),
            result.Calls.SkipWhile(call => !call.StartsWith("ImportLayer ", StringComparison.Ordinal))
                .Where(call => call.StartsWith("Link ", StringComparison.Ordinal)));
        Assert.True(File.Exists(Path.Join(At("layer"), "layerchain.json")));
    }

    [Theory]
    [InlineData("NtSetInformationFile#1=0xC0000022", "diff-links")]
    [InlineData("BackupWrite=0x80070070", "diff-utilityvm")]
    [InlineData("BackupRead=0x80070005", "diff-utilityvm")]
    public async Task Import_Fails_LeavesNoLayerAndItsParentAsItWas(string fail, string name)
    {
        string parent = await BaseAsync();
        StagedLayer staged = Stage(name, parent);
        string[] before = Names(parent);

        WineResult result = await RunFailingAsync(fail, "import", staged.Folder, At("layer"), parent);

        Assert.True(result.ExitCode == 1, result.Facts.ToString());
        Assert.False(Directory.Exists(At("layer")), result.Facts.ToString());
        Assert.Equal(before, Names(parent));
        if (fail.StartsWith("Backup", StringComparison.Ordinal))
            Assert.DoesNotContain("ImportLayer", result.HostCalls);
    }

    [Theory]
    [InlineData("base-minimal")]
    [InlineData("base-metadata")]
    [InlineData("base-eas-streams")]
    [InlineData("base-hardlinks")]
    [InlineData("base-utilityvm")]
    public async Task Export_OfABaseLayer_SaysWhatItsTarSaid(string name)
    {
        (await UnpackAsync(name)).AssertDone();

        (await RunAsync("export", At(name), At("out.tar"))).AssertDone();

        // As the reference does, without Hives: in a layer that Windows has processed they are of its making.
        Assert.Equal(
            Entries(Path.Join(Golden(name), "layer.tar")).Where(entry => !entry.Contains(" Hives", StringComparison.Ordinal)),
            Entries(At("out.tar")));
    }

    [Fact]
    public async Task Export_OfALayerWithParents_GoesThroughExportLayer()
    {
        string parent = await BaseAsync();
        (await RunAsync("unpack", Path.Join(Golden("diff-simple"), "layer.tar"), At("layer"), parent)).AssertDone();

        WineResult result = await RunAsync("export", At("layer"), At("out.tar"));

        result.AssertDone();
        Assert.Equal(["ExportLayer"], result.HostCalls);
        using FileStream tar = File.OpenRead(At("out.tar"));
        using LayerTarReader reader = new(tar);
        List<string> names = [];
        while (reader.Read() is { } entry)
            names.Add($"{entry.Kind} {entry.Path.Value}");
        Assert.Equal([@"Directory Files", @"Whiteout Files\old.txt", @"File Files\new.txt", "Directory Hives", @"File Hives\System_Delta"],
            names);
        Assert.Empty(Directory.GetDirectories(Folder, "export-*"));
    }

    // The stand-in refuses an export of a layer that is not active, was never prepared or still has its filter.
    [Fact]
    public async Task Export_OfAScratchLayer_MountsItOnTheWay()
    {
        string parent = await BaseAsync();
        (await RunAsync("scratch-create", At("scratch"), parent, "--hyperv")).AssertDone();

        WineResult result = await RunAsync("export", At("scratch"), At("out.tar"));

        result.AssertDone();
        Assert.Equal(
            ["ActivateLayer", "PrepareLayer", "UnprepareLayer", "ExportLayer", "DeactivateLayer"],
            result.HostCalls.Where(call => call != "GetLayerMountPath"));
        (await RunAsync("scratch-create", At("mounted"), parent)).AssertDone();
        Assert.Equal("WCL6014", (await RunAsync("export", At("mounted"), At("mounted.tar")))["code"]);
    }

    // Each time is the file's own, but where the import makes it; Wine gives every file a time of change that nobody can set.
    [Fact]
    public async Task Export_HasTheTimesOfTheTransportFolder()
    {
        string parent = await BaseAsync();
        (await RunAsync("unpack", Path.Join(Golden("diff-simple"), "layer.tar"), At("layer"), parent)).AssertDone();
        long before = DateTime.UtcNow.AddSeconds(-2).ToFileTimeUtc();

        (await RunAsync("export", At("layer"), At("out.tar"))).AssertDone();

        Dictionary<string, FileTimes> times = [];
        using FileStream tar = File.OpenRead(At("out.tar"));
        using LayerTarReader reader = new(tar);
        while (reader.Read() is { } entry)
            times[entry.Path.Value] = entry.Metadata.Times;
        FileTimes file = times[@"Files\new.txt"], hive = times[@"Hives\System_Delta"];
        Assert.Equal(133000000000000000, file.Write.Ticks);
        Assert.True(file.Change.Ticks >= before, $"{file.Change.Ticks}");
        Assert.Equal((133100000000000000, hive.Write, hive.Write), (hive.Write.Ticks, hive.Creation, hive.Access));
        Assert.True(hive.Change.Ticks >= before, $"{hive.Change.Ticks}");
        Assert.Equal([hive, hive], [times["Files"], times["Hives"]]);
    }

    [Fact]
    public async Task ExportCommand_OfAStoresLayer_WorksInTheStore_AlsoWithATrailingSeparator()
    {
        WineResult unpacked = await CommandAsync("unpack", "sample:default", "--host", "10.0.20348", "--store", At("images"), "--quiet");
        Assert.True(unpacked.ExitCode == 0, unpacked["output"]);
        string layer = unpacked["output"]!.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries)[0][2..].Replace('\\', '/');
        string[] before = Names(At("images"));

        WineResult exported = await CommandAsync("export", layer + "/", At("out.tar"));

        Assert.True(exported.ExitCode == 0, exported["output"]);
        Assert.StartsWith($@"{WineBed.ToWindows(At("images"))}\tmp\work-", TransportFolder(exported), StringComparison.Ordinal);
        Assert.Equal(before, Names(At("images")));
    }

    [Fact]
    public async Task ExportCommand_OfALayerElsewhere_WorksBesideTheTar()
    {
        string parent = await BaseAsync();
        (await RunAsync("unpack", Path.Join(Golden("diff-simple"), "layer.tar"), At("layer"), parent)).AssertDone();
        Directory.CreateDirectory(At("out"));

        WineResult exported = await CommandAsync("export", At("layer") + "/", Path.Join(At("out"), "out.tar"));

        Assert.True(exported.ExitCode == 0, exported["output"]);
        Assert.StartsWith($@"{WineBed.ToWindows(At("out"))}\export-", TransportFolder(exported), StringComparison.Ordinal);
        Assert.Equal([Path.Join(At("out"), "out.tar")], Names(At("out")));
    }

    [Fact]
    public async Task ExportCommand_OfNamesThatWindowsStripsOrTakesForDevices_ReadsTheFilesThemselves()
    {
        string files = Path.Join(At("transport"), "Files");
        Directory.CreateDirectory(Path.Join(files, "dir."));
        byte[] directory = [0x10, 0, 0, 0];
        foreach (string marker in new[] { Path.Join(At("transport"), "Files.$wcidirs$"), Path.Join(files, "dir..$wcidirs$") })
            await File.WriteAllBytesAsync(marker, directory, TestContext.Current.CancellationToken);
        string[] names = ["Files/a", "Files/a ", "Files/aux", "Files/com1.txt", "Files/foo", "Files/foo.", "Files/dir./nul"];
        foreach (string name in names)
            await File.WriteAllBytesAsync(Path.Join(At("transport"), name), Framed(name), TestContext.Current.CancellationToken);

        WineResult exported = await CommandAsync("export", At("transport"), At("out.tar"));

        Assert.True(exported.ExitCode == 0, exported["output"]);
        using FileStream tar = File.OpenRead(At("out.tar"));
        using LayerTarReader reader = new(tar);
        Dictionary<string, string> contents = new(StringComparer.Ordinal);
        while (reader.Read() is { } entry)
        {
            using StreamReader text = new(entry.Content.Data);
            if (entry.Kind is LayerEntryKind.File)
                contents.Add(entry.Path.Value.Replace('\\', '/'), await text.ReadToEndAsync(TestContext.Current.CancellationToken));
        }

        Assert.Equal(names.ToDictionary(name => name, StringComparer.Ordinal), contents);
    }

    [Fact]
    public async Task StageCommand_WithAParentOfSuchNames_FindsThem()
    {
        string parent = Path.Join(At("parent"), "Files");
        Directory.CreateDirectory(Path.Join(parent, "dir."));
        await File.WriteAllTextAsync(Path.Join(parent, "dir.", "aux"), "text", TestContext.Current.CancellationToken);
        await using (FileStream tar = File.Create(At("layer.tar")))
        {
            using LayerTarWriter writer = new(tar);
            foreach (string name in (ReadOnlySpan<string>)["Files", "Files/dir."])
                writer.Write(
                    new LayerEntry
                    {
                        Kind = LayerEntryKind.Directory,
                        Path = LayerPath.Parse(name),
                        TarName = name,
                        Metadata = new() { Attributes = FileAttributes.Directory }
                    });
            writer.Write(new LayerEntry
            {
                Kind = LayerEntryKind.HardLink,
                Path = LayerPath.Parse("Files/link"),
                TarName = "Files/link",
                LinkTarget = LayerPath.Parse("Files/dir./aux"),
                Metadata = new(),
            });
            writer.Complete();
        }

        WineResult staged = await CommandAsync("stage", At("layer.tar"), At("staged"), "--parent", At("parent"));

        Assert.True(staged.ExitCode == 0, staged["output"]);
    }

    private static byte[] Framed(string text)
    {
        byte[] data = System.Text.Encoding.UTF8.GetBytes(text);
        byte[] file = new byte[24 + data.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(file, (uint)FileAttributes.Archive);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(4), 1);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(12), data.Length);
        data.CopyTo(file, 24);
        return file;
    }

    private static string TransportFolder(WineResult exported) =>
        Assert.Single(exported.Calls,
            call => call.StartsWith("ExportLayer.folder ", StringComparison.Ordinal))["ExportLayer.folder ".Length..];

    private static string[] Names(string folder) =>
        [.. Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    // Order aside: an export goes by name. Wine keeps neither the times nor all attributes.
    private static string[] Entries(string file)
    {
        using FileStream tar = File.OpenRead(file);
        using LayerTarReader reader = new(tar);
        List<string> entries = [];
        Dictionary<string, string> hashes = new(StringComparer.OrdinalIgnoreCase);
        while (reader.Read() is { } entry)
        {
            string security = entry.Metadata.Security is { } descriptor ? Convert.ToHexString(descriptor.Bytes.Span) : "";
            string attributes = entry.Metadata.ExtendedAttributes is { } list
                ? string.Join(',',
                    list.Items.OrderBy(item => item.Name, StringComparer.Ordinal)
                    .Select(item => item.Name + "=" + Convert.ToHexString(item.Value.Span)))
                : "";
            string text;
            if (entry.Kind is LayerEntryKind.HardLink)
            {
                // Which of its names a file comes under first is a matter of order.
                text = hashes[entry.LinkTarget.Value];
            }
            else
            {
                text = $"{security} {attributes} {Hash(entry.Content.Data)}";
                while (entry.Content.NextStream() is { } stream)
                    text += $" {stream.Name}={Hash(stream.Data)}";
            }

            hashes[entry.Path.Value] = text;
            string kind = entry.Kind is LayerEntryKind.HardLink ? "File" : $"{entry.Kind}";
            entries.Add($"{kind} {entry.Path.Value} {text}");
        }

        return [.. entries.Order(StringComparer.Ordinal)];
    }

    private static string Hash(Stream stream) => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(stream));

    private StagedLayer Stage(string name, string parent)
    {
        using FileStream tar = File.OpenRead(Path.Join(Golden(name), "layer.tar"));
        using FolderTree tree = new(parent);
        return LayerStager.Stage(tar, At("staged"), [tree]);
    }

    private async Task<string> BaseAsync()
    {
        (await UnpackAsync("p-base")).AssertDone();
        return At("p-base");
    }
}
