using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Options;
using WinLayers.Cli.Terminal;
using WinLayers.Formats.Names;
using WinLayers.Oci.Digests;
using WinLayers.Portable;
using WinLayers.Storage;
using WinLayers.Transport;
using WinLayers.Volumes;

namespace WinLayers.Cli.Verbs;

/// <summary>Turns a layer's folder back into a tar with reproducible bytes.</summary>
internal sealed class ExportVerb : Verb
{
    private readonly Argument<string> _folder;
    private readonly Argument<string> _tar;
    private readonly ChainOption _chain;

    public ExportVerb()
        : base(
            "export", "Write a layer's or transport folder as a reproducible tar",
            "winlayers export transport layer.tar",
            "winlayers export ~/.local/share/winlayers/layers/4f2a… layer.tar",
            @"winlayers export C:\layers\app app.tar --parent C:\layers\base")
    {
        _folder = AddArgument("DIR", "A layer's folder, or a transport folder; off Windows those of Windows only without parents");
        _tar = AddArgument("OUT.tar", "The tar to make");
        _chain = new ChainOption(this);
        AddJson();
        Remarks = "Prints the tar's digest, which is the layer's DiffID. The same folder gives the same\nbytes. A transport folder is " +
            "what ExportLayer of Windows writes. A layer that 'winlayers unpack'\nmade knows the layers below it, and " +
                "--parent is only needed where they were moved.";
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        string folder = call.Get(_folder), tar = call.Get(_tar);
        if (!Directory.Exists(folder))
            throw CommandFailedException.NotThere("the layer's folder", folder, "Name a transport folder or a layer's folder");
        if (Path.Exists(tar))
            throw CommandFailedException.AlreadyThere(tar, "Choose another name, or remove it first");
        if (IsIn(folder, tar))
            throw CommandFailedException.NotSuitable(tar, "is in the folder that is to be exported", "Name a place outside it");
        LayerChain parents = _chain.Read(call);
        using StoreWork? work = await BeginWorkAsync(folder, call.CancellationToken).ConfigureAwait(false);
        string workFolder = work?.Folder ?? Path.GetDirectoryName(Path.GetFullPath(tar))!;
        (Digest digest, long bytes) = await ProgressBoard.RunAsync(call.Output, board =>
        {
            _ = board.Add($"export {Path.GetFileName(Path.TrimEndingDirectorySeparator(folder))}", total: null);
            using var file = new LayerTarFileStream(tar, call.CancellationToken);
            Export(call, folder, file, workFolder, parents);
            long length = file.Length;
            return (file.Publish(), length);
        }).ConfigureAwait(false);
        Digest? recorded = PortableLayerHost.Instance.FindIdentity(folder)?.DiffId;
        if (call.Output.Json)
            call.Output.Document(new ExportedDocument(Path.GetFullPath(tar), digest.ToString(), bytes, recorded?.ToString()),
                CommandJson.Default.ExportedDocument);
        else
            call.Output.Line(digest.ToString());
        if (recorded is { } before && before != digest)
            call.Output.Message(
                $"the layer was unpacked from a tar with the DiffID {before}, written another way; this one unpacks to the same layer");
        return ExitCode.Done;
    }

    private static bool IsIn(string folder, string path)
    {
        string above = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) + Path.DirectorySeparatorChar;
        return Path.GetFullPath(path)
            .StartsWith(above, OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);
    }

    // Windows writes a layer a second time on its way. In the layer's own store a collection finds what a killed run leaves; of a layer
    // elsewhere
    // it is beside the tar, which needs that much room anyway.
    private static async Task<StoreWork?> BeginWorkAsync(string folder, CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsWindows() || LayerStore.FindAround(folder) is not { } root)
            return null;
        LayerStore store = await LayerStore.OpenAsync(root, cancellationToken).ConfigureAwait(false);
        return await store.BeginWorkAsync(cancellationToken).ConfigureAwait(false);
    }

    private static void Export(Invocation call, string folder, Stream tar, string workFolder, LayerChain parents)
    {
        LayerFolderKind kind = LayerFolder.Identify(folder);
        if (kind is LayerFolderKind.Transport)
        {
            TransportExporter.Export(folder, tar);
            return;
        }

        if (kind is LayerFolderKind.Portable)
        {
            PortableLayerHost.Instance.Export(folder, tar, workFolder, parents.Count > 0 ? parents : ChainOption.Below(folder));
            return;
        }

        if (OperatingSystem.IsWindows())
        {
            HostOption.Windows(call).Export(folder, tar, workFolder, parents.Count > 0 ? parents : null);
            return;
        }

        using ILayerTree tree = LayerTrees.Open(folder);
        if (tree.Find(LayerRoots.HivesPath) is not { IsDirectory: true })
            throw CommandFailedException.NotSuitable(folder, "is neither a transport folder nor a base layer's folder",
                $"A transport folder holds {LayerFolder.TransportMarker}");
        if (parents.Count > 0)
        {
            throw CommandFailedException.NotSuitable(
                folder, "is a layer of Windows with parents, and only Windows turns such a folder into a tar",
                "The store has the layer's blob: 'winlayers push' and 'winlayers copy' send it byte for byte");
        }

        TreeExporter.Export(tree, tar);
    }
}

/// <summary>What <c>export --json</c> prints.</summary>
/// <param name="Tar">The tar.</param>
/// <param name="DiffId">Its digest.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="RecordedDiffId">That of the tar that the layer was unpacked from, where the layer knows it.</param>
internal sealed record ExportedDocument(string Tar, string DiffId, long Bytes, string? RecordedDiffId);
