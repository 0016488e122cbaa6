using System.Runtime.InteropServices;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Options;
using WinLayers.Cli.Terminal;
using WinLayers.Hosts.Hcs;
using WinLayers.Hosts.Portable;
using WinLayers.Storage;

namespace WinLayers.Cli.Verbs;

/// <summary>Looks at this machine and its store, and tells what is missing or left over.</summary>
internal sealed class DoctorVerb : Verb
{
    private const string Fine = "ok";
    private const string Doubtful = "warning";
    private const string Wrong = "error";

    private readonly StoreOption _store;

    public DoctorVerb()
        : base("doctor", "Tell what this machine can do and what its store holds", "winlayers doctor", "winlayers doctor --json")
    {
        _store = new StoreOption(this);
        AddJson();
        Remarks = "Changes nothing. Exit code 1 where something is wrong.";
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        List<DoctorDocument.Check> checks = [CheckHost(), CheckSpace(_store.Location(call))];
        checks.AddRange(await CheckStoreAsync(call).ConfigureAwait(false));
        bool isWell = checks.TrueForAll(check => check.Result != Wrong);
        if (call.Output.Json)
        {
            call.Output.Document(new DoctorDocument(isWell, CommandFrame.Version, RuntimeInformation.OSDescription, checks), CommandJson.Default.DoctorDocument);
            return isWell ? ExitCode.Done : ExitCode.Failed;
        }

        var table = new TextTable(new Column("Check"), new Column("Result"), new Column("What was found"));
        foreach (DoctorDocument.Check check in checks)
            table.Add(check.Name, check.Result, check.Detail);
        table.WriteTo(call.Output);
        return isWell ? ExitCode.Done : ExitCode.Failed;
    }

    private static DoctorDocument.Check CheckHost()
    {
        if (!OperatingSystem.IsWindows())
            return new("host", Fine, "portable: layers are unpacked, checked and read; containers need Windows");
        try
        {
            return new("host", Fine, $"{new HcsLayerHost().Name}: the Host Compute Service, with the privileges that layers need");
        }
        catch (WinLayersException missing)
        {
            return new("host", Wrong, $"{missing.Message} {missing.Remedy}".TrimEnd());
        }
    }

    private static DoctorDocument.Check CheckSpace(string store)
    {
        string? existing = store;
        while (existing is not null && !Directory.Exists(existing))
            existing = Path.GetDirectoryName(existing);
        const long comfortable = 20L << 30;
        long free = new DriveInfo(existing ?? store).AvailableFreeSpace;
        return new("space", free < comfortable ? Doubtful : Fine, $"{Quantity.Bytes(free)} free; a Windows base image takes 1 to 15 GB");
    }

    private async Task<List<DoctorDocument.Check>> CheckStoreAsync(Invocation call)
    {
        string location = _store.Location(call);
        try
        {
            if (await _store.OpenIfThereAsync(call).ConfigureAwait(false) is not { } store)
                return [new("store", Fine, $"{location} is not there yet; the first pull or unpack makes it")];
            int images = store.ListImages().Count, layers = store.ListLayers().Count;
            var blobs = store.Blobs.List().ToList();
            string content =
                $"{location}: {Quantity.Count(images, "unpacked image")}, {Quantity.Count(layers, "layer")}, " +
                $"{Quantity.Count(blobs.Count, "blob")} of {Quantity.Bytes(blobs.Sum(blob => blob.Size))}";
            StoreCollection leftovers = store.Collect(PortableLayerHost.Instance, dryRun: true, call.CancellationToken);
            return
            [
                new("store", Fine, content),
                leftovers.Items.Count == 0
                    ? new("leftovers", Fine, leftovers.IsBusy ? "none in tmp; somebody is unpacking" : "none")
                    : new("leftovers", Doubtful, $"{Quantity.Count(leftovers.Items.Count, "thing")} that 'winlayers gc' collects"),
            ];
        }
        catch (WinLayersException damaged)
        {
            return [new("store", Wrong, $"{damaged.Message} {damaged.Remedy}".TrimEnd())];
        }
    }
}

/// <summary>What <c>doctor --json</c> prints.</summary>
internal sealed record DoctorDocument(bool Ok, string Version, string System, IReadOnlyList<DoctorDocument.Check> Checks)
{
    public sealed record Check(string Name, string Result, string Detail);
}
