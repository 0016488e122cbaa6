using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Inputs;
using WinLayers.Cli.Options;
using WinLayers.Cli.Terminal;
using WinLayers.Formats.Names;
using WinLayers.Formats.Text;
using WinLayers.Storage;
using WinLayers.Views;

namespace WinLayers.Cli.Verbs;

/// <summary>Lists the files of an image, or the images of the store.</summary>
internal sealed class LsVerb : Verb
{
    private readonly Argument<string?> _image;
    private readonly Argument<string?> _path;
    private readonly Option<bool> _long;
    private readonly Option<bool> _recursive;
    private readonly Option<int?> _layer;
    private readonly ViewOptions _view;

    public LsVerb()
        : base(
            "ls", "List files of an image or a layer, or the images of the store",
            "winlayers ls",
            "winlayers ls sample: Windows/System32 -l",
            "winlayers ls docker-archive:app.tar --layer 1 --recursive")
    {
        _image = AddOptionalArgument("REF|DIR", "An image, unpacked or not, or a layer's folder; without, the images of the store");
        _path = AddOptionalArgument("PATH", "A folder or file, from Files, Hives or UtilityVM, else in Files (/ is Files)");
        _long = AddFlag("--long", "Attributes, size, time and layer too", "-l");
        _recursive = AddFlag("--recursive", "Everything below", "-r", "-R");
        _layer = AddNumber("--layer", "N", "What this layer alone has; the base is 0");
        _view = new ViewOptions(this);
        AddJson();
        Remarks =
            """
            Of an image you see what a container would: layers on top of each other, names
            without letter case, what was removed gone. Attributes are those of Windows:
            d directory, l reparse point, r read-only, h hidden, s system, a archive.
            """;
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        if (call.Get(_image) is not { } image)
        {
            await ListImagesAsync(call).ConfigureAwait(false);
            return ExitCode.Done;
        }

        OpenedView view = await OpenedView.OpenAsync(call, image, call.Get(_layer), _view).ConfigureAwait(false);
        LayerPath path = ImageView.ParsePath(call.Get(_path));
        IEnumerable<MergedEntry> entries = ListOf(view, path, call.Get(_recursive));
        if (call.Output.Json)
            call.Output.Document(
                new ListedFiles(view.Name, view.Digest?.ToString(), path.Value.Replace('\\', '/'), entries.Select(ListedFile.Of)),
                CommandJson.Default.ListedFiles);
        else
            Show(entries, path, call);
        return ExitCode.Done;
    }

    private static IEnumerable<MergedEntry> ListOf(OpenedView view, LayerPath path, bool recursive)
    {
        if (!path.IsRoot && view.Require(path) is { IsDirectory: false } file)
            return [file];
        return recursive ? view.Files.Walk(path) : view.Files.Enumerate(path);
    }

    private void Show(IEnumerable<MergedEntry> entries, LayerPath path, Invocation call)
    {
        bool isLong = call.Get(_long), isRecursive = call.Get(_recursive);
        foreach (MergedEntry entry in entries)
        {
            call.CancellationToken.ThrowIfCancellationRequested();
            bool isItself = entry.Path == path;
            string name = isRecursive || isItself ? entry.Path.Value.Replace('\\', '/') : entry.Path.Name.ToString();
            name = SafeText.OneLine(name) + (entry.IsDirectory ? "/" : "");
            if (entry.Metadata.Reparse is { } reparse && (reparse.IsSymbolicLink || reparse.IsMountPoint))
                name += " → " + SafeText.OneLine(reparse.PrintName);
            if (!isLong)
            {
                call.Output.Line(name);
                continue;
            }

            if (entry.LinkTarget is { } target)
                name += " = " + SafeText.OneLine(target.Value.Replace('\\', '/')) + (entry.IsBroken ? " (not there)" : "");
            if (entry.Streams.Count > 0)
                name += $" (+{Quantity.Count(entry.Streams.Count, "stream")})";
            string size = entry.IsDirectory ? "-" : Quantity.Bytes(entry.Size);
            call.Output.Line($"{AttributesOf(entry)}  {entry.Layer,2}  {size,8}  {ListedFile.TimeOf(entry)}  {name}");
        }
    }

    private static string AttributesOf(MergedEntry entry)
    {
        FileAttributes attributes = entry.Metadata.Attributes;
        char Letter(FileAttributes attribute, char letter) => attributes.HasFlag(attribute) ? letter : '-';
        return string.Create(6, (entry, attributes), (span, state) =>
        {
            span[0] = state.entry.IsDirectory ? 'd' : '-';
            span[1] = state.entry.IsReparsePoint ? 'l' : '-';
            span[2] = Letter(FileAttributes.ReadOnly, 'r');
            span[3] = Letter(FileAttributes.Hidden, 'h');
            span[4] = Letter(FileAttributes.System, 's');
            span[5] = Letter(FileAttributes.Archive, 'a');
        });
    }

    private async Task ListImagesAsync(Invocation call)
    {
        LayerStore? store = await _view.Store.OpenIfThereAsync(call).ConfigureAwait(false);
        IReadOnlyList<StoredImage> images =
            store is null ? [] : await StoredImages.ListAsync(store, call.CancellationToken).ConfigureAwait(false);
        if (call.Output.Json)
        {
            call.Output.Document(new ListedImages(_view.Store.Location(call), [.. images.Select(ListedImages.Image.Of)]),
                CommandJson.Default.ListedImages);
            return;
        }

        if (images.Count == 0)
        {
            call.Output.Message($"no image is in {_view.Store.Location(call)}; try: winlayers unpack sample:");
            return;
        }

        var table = new TextTable(
            new Column("Image"), new Column("Digest"), new Column("Platform"), new Column("State"), new Column("Layers", IsNumber: true),
                new Column("Size", IsNumber: true));
        foreach (StoredImage image in images)
        {
            table.Add(
                string.Join(", ", image.Names), $"{image.Digest.Algorithm}:{ShortDigest.Of(image.Digest)}",
                image.Platform is { } platform ? $"{platform.Os}/{platform.Architecture} {platform.OsVersion}".TrimEnd() : "",
                ListedImages.StateOf(image), image.Layers is { } layers ? $"{layers}" : "",
                image.Bytes is { } bytes ? Quantity.Bytes(bytes) : "");
        }

        table.WriteTo(call.Output);
    }
}
