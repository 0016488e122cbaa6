using System.Security.Cryptography;
using System.Text.Json.Nodes;
using WinLayers.Testing;
using WinLayers.Transport;
using WinLayers.Writing;

namespace WinLayers.Tests.Writing;

/// <summary>Replays the recorded change of a Utility VM, straight into the layer's folder and by way of a staged tar.</summary>
public sealed class GoldenUtilityVmTests : IDisposable
{
    private const string Case = "diff-utilityvm";
    private const string Boot = "UtilityVM\\Files\\EFI\\Microsoft\\Boot\\";

    private readonly string _folder = Directory.CreateTempSubdirectory("winlayers-golden-").FullName;
    private readonly JsonNode _expected = GoldenLayers.Expected(Case);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Write_RecordedUtilityVm_ChangesTheLayersFolderAsTheReferenceDid()
    {
        using var staging = new TransportVolume(Path.Combine(_folder, "staging"));
        using var layer = new RecordingVolume();

        GoldenLayers.Write(Case, new DiffLayerWriter(staging, layer, GoldenLayers.Parents(_expected)));

        AssertSteps(layer);
    }

    [Fact]
    public void ApplyUtilityVm_StagedTar_ChangesTheLayersFolderAsTheReferenceDid()
    {
        using FileStream tar = GoldenLayers.Open(Case);
        StagedLayer staged = LayerStager.Stage(tar, Path.Combine(_folder, "staged"), GoldenLayers.Parents(_expected));
        using var layer = new RecordingVolume();
        using FileStream utilityVm = File.OpenRead(staged.UtilityVmFile!);

        LayerStager.ApplyUtilityVm(utilityVm, layer, GoldenLayers.Parents(_expected));

        AssertSteps(layer);
    }

    private void AssertSteps(RecordingVolume layer)
    {
        List<Step> expected = Steps(_expected["utilityVm"]!.AsArray());
        Assert.Equal(expected.Select(step => step.Text), layer.Log);

        // Of the clone, names and kinds: times there are those of the recording.
        int own = expected.FindIndex(step => step.Text.StartsWith("update", StringComparison.Ordinal));
        foreach ((Step step, VolumeCall call) in expected.Zip(layer.Calls).Skip(own).Where(pair => pair.First.Info is not null))
        {
            Assert.Equal(step.Info!["attr"]!.GetValue<int>(), (int)call.Metadata!.Attributes);
            Assert.Equal(GoldenLayers.TimesOf(step.Info), call.Metadata.Times);
            Assert.Equal(
                step.Records!.Select(record => record!["sha256"]!.GetValue<string>()),
                GoldenLayers.RecordsOf(call.Stream!).Select(record => Convert.ToHexStringLower(SHA256.HashData(record.Data))));
        }
    }

    /// <summary>The recorded native calls, gathered into what they do together.</summary>
    private static List<Step> Steps(JsonArray recorded)
    {
        var steps = new List<Step>();
        var standing = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < recorded.Count; i++)
        {
            string operation = Text(i, "op"), path = Text(i, "path");
            switch (operation)
            {
                case "mkdir" when i + 1 < recorded.Count && Text(i + 1, "op") == "open" && Text(i + 1, "path") == path:
                    steps.Add(new Step($"directory {path}", recorded[i + 2], recorded[i + 3]!["records"]!.AsArray()));
                    i += 3;
                    break;
                case "mkdir":
                    steps.Add(new Step($"directory {path}"));
                    break;
                case "create":
                    bool directory = (recorded[i + 1]!["attr"]!.GetValue<int>() & (int)FileAttributes.Directory) != 0;
                    steps.Add(new Step($"{(directory ? "directory" : "file")} {path}", recorded[i + 1],
                        recorded[i + 2]!["records"]!.AsArray()));
                    i += 2;
                    break;
                case "open" when i + 2 < recorded.Count && Text(i + 2, "op") == "backupwrite":
                    steps.Add(new Step($"update {path}", recorded[i + 1], recorded[i + 2]!["records"]!.AsArray()));
                    i += 2;
                    break;
                case "open":
                    steps.Add(new Step($"times {path}"));
                    i++;
                    break;
                case "link" when path == Boot + "BCD":
                    // Copied here, on purpose: the file is changed later and must not be the parent's.
                    steps.Add(new Step($"file {path}"));
                    break;
                case "link":
                    steps.Add(new Step(
                        $"link {path} -> {Text(i, "target")} in {Text(i, "from").Replace("parent:", "", StringComparison.Ordinal)}"));
                    break;
                case "remove" when standing.Contains(path):
                    // Ahead of a file the reference always tries; here what stands there is known.
                    steps.Add(new Step($"remove {path}"));
                    break;
                default:
                    Assert.Contains(operation, new[] { "remove", "removeall" });
                    continue;
            }

            standing.Add(path);
        }

        return steps;

        string Text(int index, string name) => recorded[index]![name]!.GetValue<string>();
    }

    private sealed record Step(string Text, JsonNode? Info = null, JsonArray? Records = null);
}
