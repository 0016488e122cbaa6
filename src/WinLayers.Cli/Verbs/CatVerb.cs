using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Inputs;
using WinLayers.Cli.Options;
using WinLayers.Formats.Names;
using WinLayers.Formats.Text;
using WinLayers.Views;
using WinLayers.Volumes;

namespace WinLayers.Cli.Verbs;

/// <summary>Writes a file of an image to stdout.</summary>
internal sealed class CatVerb : Verb
{
    private readonly Argument<string> _image;
    private readonly Argument<string> _path;
    private readonly Option<int?> _layer;
    private readonly Option<string?> _stream;
    private readonly ViewOptions _view;

    public CatVerb()
        : base(
            "cat", "Write a file of an image to standard output",
            "winlayers cat sample: Windows/System32/drivers/etc/hosts",
            "winlayers cat oci:layout Hives/System_Base > system.hiv")
    {
        _image = AddArgument("REF|DIR", "An image, unpacked or not, or a layer's folder");
        _path = AddArgument("PATH", "The file, from Files, Hives or UtilityVM, else in Files");
        _layer = AddNumber("--layer", "N", "From this layer alone; the base is 0");
        _stream = AddOption("--stream", "NAME", "An alternate data stream of the file instead");
        _view = new ViewOptions(this);
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        OpenedView view = await OpenedView.OpenAsync(call, call.Get(_image), call.Get(_layer), _view).ConfigureAwait(false);
        LayerPath path = ImageView.ParsePath(call.Get(_path));
        MergedEntry entry = view.Require(path);
        if (entry.IsDirectory && call.Get(_stream) is null)
            throw CommandFailedException.NotSuitable(call.Get(_path), "is a directory", "'winlayers ls' lists it");
        await Task.Run(() => Copy(view, entry, call), call.CancellationToken).ConfigureAwait(false);
        return ExitCode.Done;
    }

    private void Copy(OpenedView view, MergedEntry entry, Invocation call)
    {
        using OpenContent content = view.Files.OpenContent(entry);
        Stream data = call.Get(_stream) is { } name ? FindStream(content, name, view, entry) : content.Data;
        byte[] buffer = new byte[128 << 10];
        while (data.Read(buffer) is var read and > 0)
        {
            call.CancellationToken.ThrowIfCancellationRequested();
            call.Output.Bytes.Write(buffer.AsSpan(0, read));
        }
    }

    private static Stream FindStream(OpenContent content, string name, OpenedView view, MergedEntry entry)
    {
        while (content.NextStream() is { } stream)
            if (NtfsNames.Equal(stream.Name, name))
                return stream.Data;
        throw CommandFailedException.NotInImage($"{entry.Path.Value.Replace('\\', '/')}:{name}", view.Name,
            "'winlayers ls --json' names the streams of a file");
    }
}
