using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Options;
using WinLayers.Cli.Terminal;
using WinLayers.Formats.Text;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Platforms;
using WinLayers.Oci.Sources;

namespace WinLayers.Cli.Verbs;

/// <summary>Explains which image of an index a host gets, and why not the others.</summary>
internal sealed class PlatformVerb : Verb
{
    private readonly Argument<string> _reference;
    private readonly SourceOptions _source;

    public PlatformVerb()
        : base(
            "platform", "Tell which of an index's images a host gets, and why",
            "winlayers platform docker://mcr.microsoft.com/windows/servercore:ltsc2022 --host ltsc2025",
            "winlayers platform oci:layout --host 10.0.20348 --isolation hyperv")
    {
        _reference = AddArgument("REF", "The image");
        _source = new SourceOptions(this, new StoreOption(this));
        AddJson();
        Remarks = "Exit code 1 where no image fits.";
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        PlatformRequest request = _source.PlatformOrDefault(call);
        IImageSource source = await _source.OpenAsync(call, call.Get(_reference)).ConfigureAwait(false);
        PlatformChoice choice = await ImageResolver.ChooseAsync(source, request, call.CancellationToken).ConfigureAwait(false);
        if (call.Output.Json)
            call.Output.Document(PlatformDocument.Of(source.Name, choice), CommandJson.Default.PlatformDocument);
        else
            Show(choice, source.Name, call.Output);
        call.Output.Flush();
        if (choice.Chosen is not null)
            return ExitCode.Done;
        if (!call.Output.Json)
            Console.Error.WriteLine($"winlayers: no image of {SafeText.OneLine(source.Name)} fits {request} [WCL7010]");
        return ExitCode.Failed;
    }

    private static void Show(PlatformChoice choice, string name, Output output)
    {
        output.Line($"{SafeText.OneLine(name)}, wanted: {choice.Request}");
        var table = new TextTable(new Column(""), new Column("Platform"), new Column("Digest"), new Column("Verdict"));
        foreach (PlatformCandidate candidate in choice.Candidates)
        {
            bool isChosen = candidate.Descriptor == choice.Chosen;
            table.Add(isChosen ? "→" : "", Describe(candidate.Descriptor.Platform), ShortDigest.Of(candidate.Descriptor.Digest),
                candidate.Reason);
        }

        table.WriteTo(output);
    }

    private static string Describe(Platform? platform) => platform switch
    {
        null => "not named",
        { OsVersion: { } version } => $"{platform.Os}/{platform.Architecture} {version}",
        _ => $"{platform.Os}/{platform.Architecture}",
    };
}

/// <summary>What <c>platform --json</c> prints.</summary>
internal sealed record PlatformDocument(string Image, string Wanted, string? Chosen, IReadOnlyList<PlatformDocument.Candidate> Candidates)
{
    public static PlatformDocument Of(string image, PlatformChoice choice) => new(
        image,
        choice.Request.ToString(),
        choice.Chosen?.Digest.ToString(),
        [.. choice.Candidates.Select(c => new Candidate(
            c.Descriptor.Digest.ToString(), c.Descriptor.Platform?.Os, c.Descriptor.Platform?.Architecture,
                c.Descriptor.Platform?.OsVersion,
            c.IsSuitable, c.Reason))]);

    public sealed record Candidate(string Digest, string? Os, string? Architecture, string? OsVersion, bool IsSuitable, string Reason);
}
