using System.Diagnostics;
using System.Text.Json;
using WinLayers.Hosts.Portable;

namespace WinLayers.Tests.Hosts.Portable;

public sealed class HostFolderTests : IDisposable
{
    private readonly TestLayers _layers = new();

    // The framework finds no way to such names, so this falls to ours.
    public void Dispose()
    {
        using (HostFolder root = HostFolder.Open(_layers.Root))
            root.RemoveContents();
        _layers.Dispose();
    }

    [Fact]
    public void Destroy_LayerWithPlantedNamesThatAreNoUtf8_LeavesNothing()
    {
        string layer = MakeOddNames();

        PortableLayerHost.Instance.Destroy(layer);

        Assert.False(Path.Exists(layer));
    }

    [Fact]
    public void List_NamesThatAreNoUtf8_AreDistinctAndLeadBackToWhatHasThem()
    {
        using HostFolder folder = HostFolder.Open(Path.Combine(MakeOddNames(), "Files"));

        List<string> names = folder.List();

        Assert.Equal(OddNames.Length, names.Distinct(StringComparer.Ordinal).Count());
        Assert.All(names, name => Assert.NotNull(folder.Find(name)));
        Assert.Contains("whole \u00E9\U0001F600", names);
    }

    [Fact]
    public void Verify_PlantedNamesThatAreNoUtf8_AreReportedAsExtra()
    {
        _layers.Make("a", volume => volume.Dir("Files")).Dispose();
        string layer = MakeOddNames();
        PortableVerifier verifier = new(layer, id => $"no layer {id.Hex}", expectedBeside: []);

        IReadOnlyCollection<LayerProblem> problems = verifier.Verify(expected: null, TestContext.Current.CancellationToken);

        Assert.Equal(OddNames.Length, problems.Count);
        Assert.All(problems, problem => Assert.Equal(LayerProblemKind.Extra, problem.Kind));
        Assert.All(problems, problem =>
        {
            string? shown = JsonSerializer.Deserialize<string>(JsonSerializer.Serialize(problem.Path));
            Assert.StartsWith("Files\\", shown, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Find_NameWithHalfOfAPair_IsRefused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "names there may hold such halves");
        using HostFolder folder = HostFolder.Open(_layers.Folder("a"));
        Assert.Throws<ArgumentException>(() => folder.Find("\uD800"));
        Assert.Throws<ArgumentException>(() => folder.Find("\uDC2F"));
    }

    // As printf writes them: bytes alone, a cut sequence, an encoded half of a pair, an overlong slash, and one that is in order.
    private static readonly string[] OddNames =
        [@"\377", @"\376", @"a\303", @"\303\303\251", @"\355\262\200", @"\300\257", @"\360\237\230", @"whole \303\251\360\237\230\200"];

    private string MakeOddNames()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "file systems elsewhere hold no such names");
        string layer = _layers.Folder("a");
        Directory.CreateDirectory(Path.Combine(layer, "Files"));
        foreach (string name in OddNames)
        {
            using Process shell = Process.Start("sh", ["-c", "n=$(printf \"$2\") && mkdir \"$1/$n\" && : > \"$1/$n/$n\"", "sh", Path.Combine(layer, "Files"), name]);
            shell.WaitForExit();
            Assert.Equal(0, shell.ExitCode);
        }

        return layer;
    }
}
