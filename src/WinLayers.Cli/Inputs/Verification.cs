using WinLayers.Cli.Frame;
using WinLayers.Cli.Terminal;
using WinLayers.Cli.Verbs;
using WinLayers.Content;
using WinLayers.Hosts.Portable;
using WinLayers.Images;
using WinLayers.Layers;
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

    /// <summary>Counts a blob that was read and was right.</summary>
    public void Count(long bytes)
    {
        _blobs++;
        _bytes += bytes;
    }

    public void Report(string where, string kind, string detail, string? path = null) =>
        _problems.Add(new VerificationDocument.Problem(where, path, kind, detail));

    /// <summary>Checks unpacked layers: every file against its recorded hash.</summary>
    public async Task LayersAsync(LayerStore store, IReadOnlyCollection<Digest>? chainIds)
    {
        StoreVerification found = await ProgressBoard.RunAsync(call.Output, async board =>
        {
            ProgressRow row = board.Add("unpacked layers", total: null);
            StoreVerification verified = await store.VerifyAsync(chainIds, new RowProgress(row), call.CancellationToken).ConfigureAwait(false);
            row.Finish($"{Quantity.Count(verified.Files, "file")}, {Quantity.Bytes(verified.Bytes)} read");
            return verified;
        }).ConfigureAwait(false);
        _layers += found.Verified.Count;
        _files += found.Files;
        _bytes += found.Bytes;
        foreach (LayerProblem problem in found.Problems)
            Report(problem.Layer, KindOf(problem.Kind.ToString()), problem.Detail, problem.Path.Length > 0 ? problem.Path : null);
        foreach (LayerIdentity layer in found.Verified.Select(stored => stored.Identity).Where(layer => ChainId.Of(layer.ParentChainId, layer.DiffId) != layer.ChainId))
            Report(Path.Combine(store.Root, "layers", layer.ChainId.Hex), "damaged", $"its parent and DiffID give the chain id {ChainId.Of(layer.ParentChainId, layer.DiffId)}", "stored.json");
        foreach (StoredLayer layer in found.NotChecked)
            call.Output.Message($"{layer.Folder}: kept by {layer.Host}, which has no hashes of files to check");
    }

    /// <summary>Checks blobs of a store against their digests and sizes, and the tars in layers against their DiffIDs.</summary>
    public Task BlobsAsync(BlobStore blobs, IReadOnlyList<PromisedBlob> all) => ProgressBoard.RunAsync(call.Output, board =>
    {
        ProgressRow row = board.Add(Quantity.Count(all.Count, "blob"), all.Sum(blob => blob.Blob.Size));
        long before = 0;
        foreach (PromisedBlob blob in all)
        {
            long start = before;
            if (blobs.Contains(blob.Blob.Digest))
                CheckBlob(blobs, blob, read => row.Report(start + read));
            else if (!blob.MayBeMissing)
                Report(blob.Blob.Digest.ToString(), "missing", $"the blob of {blob.Reference} is not in the store; {StoreCheck.Again("pull", blob.Reference!)}");
            before += blob.Blob.Size;
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
            call.Output.Line(SafeText.OneLine($"{problem.Where}{(problem.Path is { } path ? $": {path}" : "")}: {problem.Kind}: {problem.Detail}"));
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

    private void CheckBlob(BlobStore blobs, PromisedBlob promised, Action<long> progress)
    {
        Descriptor blob = promised.Blob;
        string again = promised.Reference is { } reference ? StoreCheck.Again("pull", reference) : "no image needs it, 'winlayers gc' removes it";
        _blobs++;
        try
        {
            using var hash = new ContentHash(promised.DiffIds.FirstOrDefault(blob.Digest).Algorithm);
            var content = new VerifyingStream(new WatchedStream(blobs.OpenRead(blob.Digest), progress, call.CancellationToken), $"stored blob '{blobs.PathOf(blob.Digest)}'", blob.Digest, blob.Size);
            using Stream stream = promised.DiffIds.Count > 0 ? Decompression.Open(content, blob.MediaType) : content;
            byte[] buffer = new byte[128 << 10];
            while (stream.Read(buffer) is var read and > 0)
            {
                hash.Append(buffer.AsSpan(0, read));
                _bytes += read;
            }

            Digest actual = hash.Current();
            foreach (Digest diffId in promised.DiffIds.Where(diffId => diffId != actual))
                Report(blob.Digest.ToString(), "changed", $"its tar has the DiffID {actual}, {promised.Reference} says {diffId}");
        }
        catch (CompressionException wrong)
        {
            // Where the blob is not what its digest says, that is the reason, and fetching it again helps.
            bool isDamaged = !IsWhole(blobs, blob);
            Report(blob.Digest.ToString(), isDamaged ? "changed" : "damaged", isDamaged ? $"its bytes are not those of its digest: {wrong.Message.TrimEnd('.')}; {again}" : wrong.Message);
        }
        catch (WinLayersException wrong)
        {
            Report(blob.Digest.ToString(), "changed", $"{wrong.Message.TrimEnd('.')}; {again}");
        }
    }

    private bool IsWhole(BlobStore blobs, Descriptor blob)
    {
        try
        {
            using Stream stream = new WatchedStream(blobs.OpenVerified(blob), static _ => { }, call.CancellationToken);
            stream.CopyTo(Stream.Null);
            return true;
        }
        catch (WinLayersException)
        {
            // Which is the answer.
            return false;
        }
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
