using System.Runtime.InteropServices;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Options;
using WinLayers.Cli.Terminal;
using WinLayers.Hosts;
using WinLayers.Portable;
using WinLayers.Storage;
using WinLayers.Windows;

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
        string location = _store.Location(call);
        List<DoctorDocument.Check> checks = [.. CheckHost(location).Select(Show), Show(MachineProbes.FreeSpace(location))];
        IReadOnlyList<Diagnosis> store =
            await StoreProbes.LookAsync(location, PortableLayerHost.Instance, call.CancellationToken).ConfigureAwait(false);
        if (store is [StoreDiagnosis, ..])
            call.Output.Detail($"store: {location}");
        checks.AddRange(store.Select(Show));
        bool isWell = checks.TrueForAll(check => check.Result != Wrong);
        if (call.Output.Json)
        {
            call.Output.Document(new DoctorDocument(isWell, CommandFrame.Version, RuntimeInformation.OSDescription, checks),
                CommandJson.Default.DoctorDocument);
            return isWell ? ExitCode.Done : ExitCode.Failed;
        }

        var table = new TextTable(new Column("Check"), new Column("Result"), new Column("What was found"));
        foreach (DoctorDocument.Check check in checks)
            table.Add(check.Name, check.Result, check.Detail);
        table.WriteTo(call.Output);
        return isWell ? ExitCode.Done : ExitCode.Failed;
    }

    private static IReadOnlyList<Diagnosis> CheckHost(string store) =>
        OperatingSystem.IsWindows() ? HcsProbe.Look(store) : [MachineProbes.PortableHost()];

    private static string Describe(LeftoversDiagnosis left)
    {
        string due = left.Count > 0
            ? $"{Quantity.Count(left.Count, "thing")}, {Quantity.Bytes(left.Bytes)}, that 'winlayers gc' collects" : left.Detail;
        return left.Kept == 0 ? due
            : $"{due}; {Quantity.Count(left.Kept, "blob")}, {Quantity.Bytes(left.KeptBytes)}, kept for a day ('winlayers gc --now')";
    }

    private static DoctorDocument.Check Show(Diagnosis found)
    {
        string detail = found switch
        {
            { Failure: { } failure } => $"{failure.Message} {Remedies.Of(failure)}".TrimEnd(),
            SpaceDiagnosis space => $"{Quantity.Bytes(space.FreeBytes)} free; {space.Detail}",
            StoreDiagnosis store =>
                $"{store.Location}: {Quantity.Count(store.Images, "unpacked image")}, {Quantity.Count(store.Layers, "layer")}, " +
                $"{Quantity.Count(store.Blobs, "blob")} of {Quantity.Bytes(store.BlobBytes)}",
            LeftoversDiagnosis left => Describe(left),
            _ => found.Detail,
        };
        string result = found.Result switch
        {
            DiagnosisResult.Fine => Fine,
            DiagnosisResult.Doubtful => Doubtful,
            _ => Wrong,
        };
        return new DoctorDocument.Check(found.Name, result, detail);
    }
}

/// <summary>What <c>doctor --json</c> prints.</summary>
internal sealed record DoctorDocument(bool Ok, string Version, string System, IReadOnlyList<DoctorDocument.Check> Checks)
{
    public sealed record Check(string Name, string Result, string Detail);
}
