using WinLayers.Formats;
using WinLayers.Hosts;
using WinLayers.Oci.Compression;
using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Disk;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Sources;

namespace WinLayers.Storage;

/// <summary>Checks blobs of a store against their digests and sizes, and the tars in layers against their DiffIDs.</summary>
internal sealed class StoredBlobCheck(BlobStore blobs, StoreFindings findings)
{
    private const int BufferLength = 128 << 10;

    public void Check(IReadOnlyList<PromisedBlob> all, IProgress<StoreCheckProgress>? progress, CancellationToken cancellationToken)
    {
        long total = all.Sum(blob => blob.Blob.Size), before = 0;
        progress?.Report(new StoreCheckProgress(StoreCheckStage.Blobs, Bytes: 0, total, all.Count, IsDone: false));
        foreach (PromisedBlob promised in all)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (blobs.Contains(promised.Blob.Digest))
                Check(promised, progress is null ? null : new BlobProgress(progress, before, total, all.Count), cancellationToken);
            else if (!promised.MayBeMissing)
                findings.Add(promised.Blob.Digest.ToString(), LayerProblemKind.Missing,
                    $"the blob of {promised.Reference} is not in the store", StoreRemedy.Pull, promised.Reference);
            before += promised.Blob.Size;
        }

        progress?.Report(new StoreCheckProgress(StoreCheckStage.Blobs, before, total, all.Count, IsDone: true));
    }

    private void Check(PromisedBlob promised, BlobProgress? progress, CancellationToken cancellationToken)
    {
        Descriptor blob = promised.Blob;
        findings.CountBlob(bytes: 0);
        try
        {
            using var hash = new ContentHash(promised.DiffIds.FirstOrDefault(blob.Digest).Algorithm);
            var stored = new ProgressStream(blobs.OpenRead(blob.Digest), blob, progress, cancellationToken);
            var content = new VerifyingStream(stored, $"stored blob '{blobs.PathOf(blob.Digest)}'", blob.Digest, blob.Size);
            using Stream stream = promised.DiffIds.Count > 0 ? Decompression.Open(content, blob.MediaType) : content;
            byte[] buffer = new byte[BufferLength];
            while (stream.Read(buffer) is var read and > 0)
            {
                hash.Append(buffer.AsSpan(0, read));
                findings.CountBytes(read);
            }

            Digest actual = hash.Current();
            foreach (Digest diffId in promised.DiffIds.Where(diffId => diffId != actual))
                findings.Add(blob.Digest.ToString(), LayerProblemKind.Changed,
                    $"its tar has the DiffID {actual}, {promised.Reference} says {diffId}");
        }
        catch (CompressionException wrong)
        {
            // Where the blob is not what its digest says, that is the reason, and fetching it again helps.
            if (IsWhole(blob, cancellationToken))
                findings.Add(blob.Digest.ToString(), LayerProblemKind.Damaged, wrong.Message);
            else
                AddChanged(promised, $"its bytes are not those of its digest: {wrong.Message.TrimEnd('.')}");
        }
        catch (WinLayersException wrong) when (!DiskException.IsOutOfFiles(wrong))
        {
            AddChanged(promised, wrong.Message.TrimEnd('.'));
        }
    }

    private void AddChanged(PromisedBlob promised, string detail)
    {
        string where = promised.Blob.Digest.ToString();
        if (promised.Reference is { } reference)
            findings.Add(where, LayerProblemKind.Changed, detail, StoreRemedy.Pull, reference);
        else
            findings.Add(where, LayerProblemKind.Changed, $"{detail}; no image needs it", StoreRemedy.Collect);
    }

    private bool IsWhole(Descriptor blob, CancellationToken cancellationToken)
    {
        try
        {
            using var stream = new ProgressStream(blobs.OpenVerified(blob), blob, progress: null, cancellationToken);
            stream.CopyTo(Stream.Null);
            return true;
        }
        catch (WinLayersException)
        {
            // Which is the answer.
            return false;
        }
    }

    private sealed class BlobProgress(IProgress<StoreCheckProgress> progress, long before, long total,
        int count) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value) =>
            progress.Report(new StoreCheckProgress(StoreCheckStage.Blobs, before + value.Bytes, total, count, IsDone: false));
    }
}
