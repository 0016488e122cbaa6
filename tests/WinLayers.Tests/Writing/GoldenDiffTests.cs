using System.Security.Cryptography;
using System.Text.Json.Nodes;
using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Ntfs.Backup;
using WinLayers.Transport;
using WinLayers.Volumes;

namespace WinLayers.Tests.Writing;

/// <summary>Stages every recorded diff layer in a real folder and compares with what the reference implementation did with it.</summary>
public sealed class GoldenDiffTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("winlayers-golden-").FullName;

    public static TheoryData<string> Cases => [.. GoldenLayers.Names.Where(name => !GoldenLayers.IsBase(GoldenLayers.Expected(name)))];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Stage_RecordedDiffLayer_DoesWhatTheReferenceDid(string name)
    {
        JsonNode expected = GoldenLayers.Expected(name);
        string folder = Path.Combine(_folder, "staged");
        using FileStream tar = GoldenLayers.Open(name);
        List<ILayerTree> parents = GoldenLayers.Parents(expected);
        if (GoldenLayers.IsRefused(expected))
        {
            Assert.Throws<LayerRefusedException>(() => LayerStager.Stage(tar, folder, parents));
            Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
            return;
        }

        StagedLayer staged = LayerStager.Stage(tar, folder, parents);

        AssertStaging(expected, folder);
        using FileStream planFile = File.OpenRead(staged.PlanFile);
        AssertPlan(expected["afterImport"]!.AsArray(), LayerPlan.Read(planFile));
        Assert.Equal(expected["utilityVm"] is not null, staged.UtilityVmFile is not null);
        Assert.Equal(tar.Length, tar.Position);
    }

    private static void AssertStaging(JsonNode expected, string folder)
    {
        JsonObject files = expected["staging"]!["files"]!.AsObject();
        Assert.Equal(
            expected["staging"]!["directories"]!.AsArray().Select(path => path!.GetValue<string>()).Order(StringComparer.Ordinal),
            Relative(Directory.EnumerateDirectories(folder, "*", SearchOption.AllDirectories), folder));
        Assert.Equal(
            files.Select(file => file.Key).Order(StringComparer.Ordinal),
            Relative(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories), folder));
        foreach ((string path, JsonNode? file) in files)
        {
            string place = Path.Combine(folder, path.Replace('\\', Path.DirectorySeparatorChar));
            // Times before contents: reading changes the access time.
            FileTimes times = GoldenLayers.TimesOf(expected["stagedFileTimes"]![path]!);
            Assert.Equal(times.Write.ToDateTimeOffset().UtcDateTime, File.GetLastWriteTimeUtc(place));
            Assert.Equal(times.Access.ToDateTimeOffset().UtcDateTime, File.GetLastAccessTimeUtc(place));
            AssertContent(file!, File.ReadAllBytes(place), path);
        }
    }

    private static void AssertContent(JsonNode expected, byte[] actual, string path)
    {
        Assert.Equal(expected["size"]!.GetValue<long>(), actual.Length);
        if (expected["sha256"]!.GetValue<string>() == Convert.ToHexStringLower(SHA256.HashData(actual)))
            return;
        // The one difference: several extended attributes, whose order the reference leaves to chance. Everything else is the same.
        byte[] reference = Convert.FromBase64String(expected["base64"]!.GetValue<string>());
        Assert.Equal(reference.AsSpan(0, 4), actual.AsSpan(0, 4));
        List<(BackupRecordKind Kind, string? Name, byte[] Data)> theirs = GoldenLayers.RecordsOf(reference[4..]), ours =
            GoldenLayers.RecordsOf(actual[4..]);
        Assert.Contains(ours,
            record => record.Kind is BackupRecordKind.ExtendedAttributes && ExtendedAttributes.FromList(record.Data).Items.Count > 1);
        Assert.Equal(theirs.Select(record => (record.Kind, record.Name)), ours.Select(record => (record.Kind, record.Name)));
        Assert.All(theirs.Zip(ours), pair =>
        {
            if (pair.First.Kind is BackupRecordKind.ExtendedAttributes)
                Assert.Equal(Sorted(pair.First.Data), Sorted(pair.Second.Data));
            else
                Assert.True(pair.First.Data.AsSpan().SequenceEqual(pair.Second.Data), $"{path}: {pair.First.Kind}");
        });

        static IEnumerable<ExtendedAttribute> Sorted(byte[] list) =>
            ExtendedAttributes.FromList(list).Items.OrderBy(item => item.Name, StringComparer.Ordinal);
    }

    private static void AssertPlan(JsonArray afterImport, LayerPlan plan)
    {
        var links = afterImport.Where(step => Operation(step) == "link").ToList();
        // Removing what a link takes the place of is part of making the link.
        var removals =
            afterImport.Where(
            (step, i) => Operation(step) == "remove" && (i + 1 == afterImport.Count || Operation(afterImport[i + 1]) != "link"));
        Assert.Equal(removals.Select(step => Text(step, "path")), plan.Removals.Select(path => path.Value));
        Assert.Equal(
            links.Select(
                step => (Text(step, "path"), Text(step, "target"), Text(step, "from").Replace("parent:", "", StringComparison.Ordinal))),
            plan.Links.Select(link => (link.Path.Value, link.Target.Value, link.From ?? "layer")));
        Assert.Equal(
            afterImport.Where(step => Operation(step) == "times")
                .Select(step =>
                    new PlannedTimes(LayerPath.FromValue(Text(step, "path")), (FileAttributes)step!["attributes"]!.GetValue<int>(),
                    GoldenLayers.TimesOf(step["times"]!))),
            plan.DirectoryTimes);
    }

    private static string Operation(JsonNode? step) => Text(step, "op");

    private static string Text(JsonNode? step, string name) => step![name]!.GetValue<string>();

    private static IEnumerable<string> Relative(IEnumerable<string> places, string folder) =>
        places.Select(place => Path.GetRelativePath(folder, place).Replace(Path.DirectorySeparatorChar, '\\'))
            .Order(StringComparer.Ordinal);
}
