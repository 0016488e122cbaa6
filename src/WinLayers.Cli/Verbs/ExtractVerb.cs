using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Inputs;
using WinLayers.Cli.Options;
using WinLayers.Cli.Terminal;
using WinLayers.Formats.Names;
using WinLayers.Formats.Text;
using WinLayers.Oci.References;
using WinLayers.Views;

namespace WinLayers.Cli.Verbs;

/// <summary>Writes files of an image to a plain folder.</summary>
internal sealed class ExtractVerb : Verb
{
    private const string StandardOutput = "-";
    private const int OmissionsShown = 10;

    private readonly Argument<string> _image;
    private readonly Argument<string> _destination;
    private readonly Option<string?> _path;
    private readonly Option<bool> _links;
    private readonly Option<bool> _overwrite;
    private readonly Option<int?> _layer;
    private readonly ViewOptions _view;

    public ExtractVerb()
        : base(
            "extract", "Write files of an image to a plain folder or tar",
            "winlayers extract sample: out",
            "winlayers extract sample: - | tar -xf - -C out",
            "winlayers extract oci:layout fonts --path Windows/Fonts")
    {
        _image = AddArgument("REF|DIR", "An image, unpacked or not, or a layer's folder");
        _destination = AddArgument("DEST", "The folder to write to; - writes a plain tar to standard output");
        _path = AddOption("--path", "PATH", "This folder or file; else Files, the container's drive C");
        _links = AddFlag("--symlinks", "Make symbolic links where they stay inside DEST; else links are left out");
        _overwrite = AddFlag("--overwrite", "Replace files that are there");
        _layer = AddNumber("--layer", "N", "From this layer alone; the base is 0");
        _view = new ViewOptions(this);
        AddJson();
        Remarks = "Contents, times and read-only are kept; security, attributes and streams are not.\n'winlayers unpack' keeps " +
            "everything. A tar's entries are named as 'winlayers ls' names them,\nfurther names of a file are hard links. Exit " +
                "code 1 where a file could not be written.";
    }

    // The system's own words for these are about paths that it cannot find.
    private static void RefuseOthers(string destination)
    {
        bool isReference = KnownTransports.Names.TryParse(destination, out ImageReference? image) && image is not RegistryReference
            || destination.StartsWith("docker://", StringComparison.Ordinal);
        if (isReference && !Directory.Exists(destination))
            throw CommandFailedException.NotSuitable(destination, "names an image, and files are written to a folder",
                $"'winlayers copy' sends images; a folder of that name is ./{destination}");
        for (string? path = Path.GetFullPath(destination); path is not null; path = Path.GetDirectoryName(path))
        {
            if (File.Exists(path))
                throw CommandFailedException.NotSuitable(path, "is a file, and files are written to a folder",
                    "Name a folder; 'winlayers cat' writes one file to standard output");
        }
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        string destination = call.Get(_destination);
        bool isTar = destination == StandardOutput;
        if (isTar)
            CheckTar(call);
        else
            RefuseOthers(destination);
        OpenedView view = await OpenedView.OpenAsync(call, call.Get(_image), call.Get(_layer), _view).ConfigureAwait(false);
        LayerPath path = ImageView.ParsePath(call.Get(_path) ?? "/");
        view.Require(path);
        var options = new ExtractOptions { SymbolicLinks = call.Get(_links), Overwrite = call.Get(_overwrite) };
        ExtractResult result = await ProgressBoard.RunAsync(call.Output, board =>
        {
            ProgressRow row = board.Add("written", total: null);
            return isTar
                ? MergedExtractor.WriteTar(view.Files, path, call.Output.Bytes, options, new RowProgress(row), call.CancellationToken)
                : MergedExtractor.Extract(view.Files, path, destination, options, new RowProgress(row), call.CancellationToken);
        }).ConfigureAwait(false);
        ExtractOmission[] lost = [.. result.Omissions.Where(omission => omission.IsLost)];
        if (call.Output.Json)
        {
            call.Output.Document(
                new ExtractedDocument(
                    view.Name, path.Value.Replace('\\', '/'), Path.GetFullPath(destination), result.Files, result.Bytes,
                    [.. result.Omissions.Select(o => new ExtractedDocument.Omission(o.Path.Value.Replace('\\', '/'), o.Reason, o.IsLost))]),
                CommandJson.Default.ExtractedDocument);
            return lost.Length == 0 ? ExitCode.Done : ExitCode.Failed;
        }

        // Not messages that --quiet takes away: files that were asked for are missing.
        foreach (ExtractOmission omission in lost.Take(call.Output.Verbose ? int.MaxValue : OmissionsShown))
            Console.Error.WriteLine(
                SafeText.OneLine($"winlayers: not written: {omission.Path.Value.Replace('\\', '/')}: {omission.Reason}"));
        if (lost.Length > 0)
            Console.Error.WriteLine($"winlayers: {Quantity.Count(lost.Length, "file")} could not be written [WCL1908]");
        ExtractOmission[] leftOut = [.. result.Omissions.Where(omission => !omission.IsLost)];
        foreach (ExtractOmission omission in leftOut.Take(call.Output.Verbose ? int.MaxValue : OmissionsShown))
            call.Output.Message($"left out {omission.Path.Value.Replace('\\', '/')}: {omission.Reason}");
        if (leftOut.Length > OmissionsShown && !call.Output.Verbose)
            call.Output.Message($"and {leftOut.Length - OmissionsShown} more; --verbose names them");
        call.Output.Message(
            $"{Quantity.Count(result.Files, "file")}, {Quantity.Bytes(result.Bytes)} written to " +
                $"{(isTar ? "standard output" : destination)}");
        if (isTar)
            call.Output.Message(
                "a plain tar has no place for security descriptors, attributes, alternate streams and " +
                    "extended attributes: these are left out");
        return lost.Length == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    private void CheckTar(Invocation call)
    {
        if (call.Output.Json || call.Get(_overwrite))
            throw new UsageException($"a tar on standard output leaves no room for {(call.Output.Json ? "--json" : "--overwrite")}");
        if (call.Output.IsTerminal)
            throw new UsageException("standard output is a terminal, which a tar would garble: redirect it, or name a folder");
    }
}

/// <summary>What <c>extract --json</c> prints.</summary>
internal sealed record ExtractedDocument(
    string Image, string Path, string Destination, long Files, long Bytes, IReadOnlyList<ExtractedDocument.Omission> LeftOut)
{
    public sealed record Omission(string Path, string Reason, bool IsLost);
}
