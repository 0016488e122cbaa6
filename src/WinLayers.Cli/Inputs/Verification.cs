using WinLayers.Cli.Frame;
using WinLayers.Cli.Terminal;
using WinLayers.Cli.Verbs;
using WinLayers.Content;
using WinLayers.Images;
using WinLayers.Sources;
using WinLayers.Storage;

namespace WinLayers.Cli.Inputs;

/// <summary>A check in the making: what was looked at, and what was found wrong.</summary>
internal sealed class Verification(Invocation call)
{
    private readonly List<VerificationDocument.Problem> _problems = [];
    private int _layers;
    private int _blobs;
    private long _files;
    private long _bytes;

    /// <summary>Checks unpacked layers: every file against its recorded hash.</summary>
    public async Task LayersAsync(LayerStore store, IReadOnlyCollection<Digest>? chainIds)
    {
        call.Output.Detail("checking unpacked layers");
        StoreVerification found = await store.VerifyAsync(chainIds, call.CancellationToken).ConfigureAwait(false);
        _layers += found.Verified.Count;
        _files += found.Files;
        _bytes += found.Bytes;
        _problems.AddRange(found.Problems.Select(problem => new VerificationDocument.Problem(
            problem.Layer, problem.Path.Length > 0 ? problem.Path : null, KindOf(problem.Kind.ToString()), problem.Detail)));
        foreach (StoredLayer layer in found.NotChecked)
            call.Output.Message($"{layer.Folder}: kept by {layer.Host}, which has no hashes of files to check");
    }

    /// <summary>Checks every blob of a store against the digest that is its name.</summary>
    public Task BlobsAsync(BlobStore blobs) => ProgressBoard.RunAsync(call.Output, board =>
    {
        var all = blobs.List().ToList();
        ProgressRow row = board.Add(Quantity.Count(all.Count, "blob"), all.Sum(blob => blob.Size));
        long before = 0;
        foreach ((Digest digest, long size) in all)
        {
            long start = before;
            Drain(digest.ToString(), () => new VerifyingStream(
                new WatchedStream(blobs.OpenRead(digest), read => row.Report(start + read), call.CancellationToken), $"blob {digest}", digest, size));
            before += size;
        }

        row.Finish($"{Quantity.Bytes(before)} read");
        return true;
    });

    /// <summary>Checks an image where it is: manifest, configuration, and of each layer the digest and the DiffID.</summary>
    public async Task ImageAsync(IImageSource source, PlatformWish? wish)
    {
        ResolvedImage image = await ImageResolver.ResolveAsync(source, wish, call.CancellationToken).ConfigureAwait(false);
        // Manifest and configuration were checked on the way.
        _blobs += 2;
        await ProgressBoard.RunAsync(call.Output, async board =>
        {
            foreach (ResolvedLayer layer in image.Layers)
            {
                ProgressRow row = board.Add($"layer {layer.Position + 1}/{image.Layers.Count} {ShortDigest.Of(layer.Descriptor.Digest)}", layer.Descriptor.Size);
                await CheckLayerAsync(source, layer, row).ConfigureAwait(false);
            }

            return true;
        }).ConfigureAwait(false);
    }

    /// <summary>Prints what was found.</summary>
    /// <returns>The exit code.</returns>
    public int Show()
    {
        if (call.Output.Json)
        {
            call.Output.Document(new VerificationDocument(_problems.Count == 0, _layers, _blobs, _files, _bytes, _problems), CommandJson.Default.VerificationDocument);
            return _problems.Count == 0 ? ExitCode.Done : ExitCode.Failed;
        }

        foreach (VerificationDocument.Problem problem in _problems)
            call.Output.Line(Printable.OneLine($"{problem.Where}{(problem.Path is { } path ? $": {path}" : "")}: {problem.Kind}: {problem.Detail}"));
        call.Output.Flush();
        string looked =
            $"{Quantity.Count(_layers, "unpacked layer")} with {Quantity.Count(_files, "file")} and {Quantity.Count(_blobs, "blob")}, {Quantity.Bytes(_bytes)} read";
        if (_problems.Count == 0)
            call.Output.Message($"all as it should be: {looked}");
        else
            Console.Error.WriteLine($"winlayers: {Quantity.Count(_problems.Count, "thing")} not as it should be; {looked} [WCL1907]");
        return _problems.Count == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    private async Task CheckLayerAsync(IImageSource source, ResolvedLayer layer, ProgressRow row)
    {
        Stream blob;
        try
        {
            blob = await source.OpenBlobAsync(layer.Descriptor, offset: 0, call.CancellationToken).ConfigureAwait(false);
        }
        catch (WinLayersException missing)
        {
            _problems.Add(new VerificationDocument.Problem(layer.Descriptor.Digest.ToString(), null, "missing", missing.Message));
            return;
        }

        await Task.Run(
            () => Drain(layer.Descriptor.Digest.ToString(), () =>
            {
                var compressed = new VerifyingStream(new WatchedStream(blob, row.Report, call.CancellationToken), layer.Descriptor);
                return new VerifyingStream(Decompression.Open(compressed, layer.Descriptor.MediaType), "uncompressed layer", layer.DiffId, size: null);
            }),
            call.CancellationToken).ConfigureAwait(false);
        row.Finish("digest and DiffID checked");
    }

    // Reading a verifying stream to its end is the check.
    private void Drain(string where, Func<Stream> open)
    {
        _blobs++;
        try
        {
            using Stream stream = open();
            byte[] buffer = new byte[128 << 10];
            while (stream.Read(buffer) is var read and > 0)
                _bytes += read;
        }
        catch (Exception wrong) when (wrong is WinLayersException)
        {
            _problems.Add(new VerificationDocument.Problem(where, null, "changed", wrong.Message));
        }
    }

    private static string KindOf(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
