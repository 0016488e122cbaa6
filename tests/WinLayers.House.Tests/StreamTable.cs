using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using WinLayers.Formats.IO;
using WinLayers.Formats.Ntfs.Backup;
using WinLayers.Formats.Tar;
using WinLayers.Oci.Archives;
using WinLayers.Oci.Compression;
using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Registries.Blobs;
using WinLayers.Oci.Registries.Client;
using WinLayers.Oci.Sources;
using WinLayers.Portable;
using WinLayers.Samples;
using WinLayers.Testing;
using WinLayers.Testing.Registries;
using WinLayers.Transport;
using WinLayers.Unpacking;
using WinLayers.Unpacking.Pipeline;

namespace WinLayers.House.Tests;

/// <summary>Every stream class of the library that reads, by how one is opened; and the others, with why they are not there.</summary>
internal static class StreamTable
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static IReadOnlyList<StreamCase> Reading { get; } =
    [
        new(typeof(VerifyingStream), (bytes, chunk) => new VerifyingStream(new Chunked(bytes, chunk), RegistryTesting.DescriptorOf(bytes))),
        new(typeof(PrefixedStream), OpenPrefixed),
        new(typeof(GZipReadStream), (bytes, chunk) => OpenGZip(bytes, chunk, inflater: null)) { SaysDisposed = true },
        new(typeof(IsalGZipStream), (bytes, chunk) => OpenGZip(bytes, chunk, IsalLibrary.Instance))
        {
            SaysDisposed = true,
            Missing = () => IsalLibrary.Instance is null ? "ISA-L is not on this system: apt-get install libisal2" : null,
        },
        new(typeof(ZstdStream), (bytes, chunk) => Decompression.Open(new Chunked(ZstdFrames(bytes), chunk), "zstd"))
        {
            SaysDisposed = true,
        },
        new(typeof(ProgressStream), (bytes, chunk) => OpenProgress(bytes, new Chunked(bytes, chunk))),
        new(typeof(ProgressStream), (bytes, _) => OpenProgress(bytes, new MemoryStream(bytes)))
        {
            Name = "ProgressStream that seeks",
            CanSeek = true,
        },
        new(typeof(FileSection), OpenSectionAsync) { CanSeek = true },
        new(typeof(StoredFileStream), OpenStoredFileAsync) { SaysDisposed = true },
        new(typeof(ReopeningStream), OpenReopeningAsync) { CanSeek = true, Blocks = false },
        new(typeof(ResumingBlobStream), OpenResumingAsync) { SaysDisposed = true },
        new(SampleStream, (bytes, _) => SampleBytes.Open(bytes, bytes.Length, seed: 1)),
        new(typeof(QueueStream), OpenQueueAsync) { IsAsync = false },
        new(FollowerStream, OpenFollowerAsync) { IsAsync = false },
        new(typeof(TarBodyStream), OpenTarBody),
        new(typeof(RecordBody), OpenRecordBody),
        new(typeof(ExtentStream), OpenExtents),
    ];

    /// <summary>Why a stream class is not in the table.</summary>
    public static IReadOnlyDictionary<string, string> Others { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["SealedInput"] = "The inside of GZipReadStream: its bytes have an end of its own making.",
        ["WatchedStream"] = "The command's own, whose tests run the suite.",
        ["StandardOutput"] = "Writes.",
        ["BackupReadStream"] = "Windows alone: tests under Wine read it.",
        ["BackupWriteStream"] = "Writes.",
        ["HashingWriter"] = "Writes.",
        ["LayerTarFileStream"] = "Writes.",
        ["StagedFileWriter"] = "Writes.",
    };

    // Nested where they are made.
    private static Type SampleStream => typeof(SampleBytes).GetNestedType("PoolStream", System.Reflection.BindingFlags.NonPublic)!;

    private static Type FollowerStream => typeof(BlobDownload).GetNestedType("Follower", System.Reflection.BindingFlags.NonPublic)!;

    private static PrefixedStream OpenPrefixed(byte[] bytes, int chunk)
    {
        int cut = bytes.Length / 3;
        return new PrefixedStream(bytes.AsMemory(0, cut), new Chunked(bytes.AsMemory(cut), chunk), leaveOpen: false);
    }

    private static Stream OpenGZip(byte[] bytes, int chunk, IsalLibrary? inflater) =>
        Decompression.Open(new Chunked(TestBytes.Compress(bytes), chunk), "gzip", limits: null, leaveOpen: false, inflater);

    private static ProgressStream OpenProgress(byte[] bytes, Stream inner) =>
        new(inner, RegistryTesting.DescriptorOf(bytes), progress: null);

    // RFC 8878, 3.1.1: a frame with a window of 2 MiB and raw blocks; two frames, one after the other.
    private static byte[] ZstdFrames(byte[] bytes)
    {
        int half = bytes.Length / 2;
        return [.. Frame(bytes[..half]), .. Frame(bytes[half..])];

        static byte[] Frame(byte[] content)
        {
            byte[] header = new byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(header, (content.Length << 3) | 1);
            return [0x28, 0xb5, 0x2f, 0xfd, 0, 0x58, .. header[..3], .. content];
        }
    }

    private static async Task<(Stream Stream, IAsyncDisposable? After)> OpenSectionAsync(byte[] bytes, int chunk)
    {
        string path = Path.GetTempFileName();
        await File.WriteAllBytesAsync(path, [1, 2, 3, .. bytes, 4, 5, 6], Token);
        SafeFileHandle file = File.OpenHandle(path);
        return (new FileSection(file, 3, bytes.Length), new Afterwards(() =>
        {
            file.Dispose();
            File.Delete(path);
        }));
    }

    private static async Task<(Stream Stream, IAsyncDisposable? After)> OpenStoredFileAsync(byte[] bytes, int chunk)
    {
        string path = Path.GetTempFileName();
        await File.WriteAllBytesAsync(path, bytes, Token);
        return (new StoredFileStream(File.OpenHandle(path), path, bytes.Length, RegistryTesting.DescriptorOf(bytes).Digest),
            new Afterwards(() => File.Delete(path)));
    }

    private static async Task<(Stream Stream, IAsyncDisposable? After)> OpenReopeningAsync(byte[] bytes, int chunk) =>
        (await ReopeningStream.OpenAsync(new OneBlob(bytes, chunk), RegistryTesting.DescriptorOf(bytes), Token), null);

    private static async Task<(Stream Stream, IAsyncDisposable? After)> OpenResumingAsync(byte[] bytes, int chunk)
    {
        var handler = new ScriptedHandler((_, _) => new HttpResponseMessage { Content = new StreamContent(new Chunked(bytes, chunk)) });
        var client = new RegistryClient(RegistryTesting.Quick with { HttpMessageHandler = handler });
        Stream stream = await client.OpenBlobAsync(TokenScript.Image, RegistryTesting.DescriptorOf(bytes), 0, Token);
        return (stream, new Afterwards(client.Dispose));
    }

    private static Task<(Stream Stream, IAsyncDisposable? After)> OpenQueueAsync(byte[] bytes, int chunk)
    {
        PipelineStage stage = PipelineStage.Read("test", () => new Chunked(bytes, chunk), before: null, Token);
        return Task.FromResult<(Stream, IAsyncDisposable?)>((new QueueStream(stage.Output), new Afterwards(stage.Join)));
    }

    private static async Task<(Stream Stream, IAsyncDisposable? After)> OpenFollowerAsync(byte[] bytes, int chunk)
    {
        var folder = new TemporaryFolder();
        var slots = new SemaphoreSlim(1);
        BlobStore store = await BlobStore.CreateAsync(folder["store"], Token);
        var source = new OneBlob(bytes, chunk);
        BlobDownload download = (await BlobDownload.StartAsync(store, source, RegistryTesting.DescriptorOf(bytes), slots, Token))!;
        return (download.OpenFollower(Token), new Afterwards(async () =>
        {
            await download.DisposeAsync();
            slots.Dispose();
            folder.Dispose();
        }));
    }

    private static Stream OpenTarBody(byte[] bytes, int chunk)
    {
        var reader = new LayerTarReader(new Chunked(LayerTar.New().File("Files/a", bytes).File("Files/b", "after").ToArray(), chunk));
        return reader.Read()!.Content.Data;
    }

    private static Stream OpenRecordBody(byte[] bytes, int chunk)
    {
        using var stream = new MemoryStream();
        var writer = new BackupStreamWriter(stream);
        writer.WriteData(new MemoryStream(bytes), bytes.Length);
        writer.WriteAlternate("s", new MemoryStream([1]), 1);
        return new BackupStreamReader(new Chunked(stream.ToArray(), chunk)).ReadNext()!.Body;
    }

    // The bytes are kept in two pieces, the second one first; zeros are kept nowhere.
    private static ExtentStream OpenExtents(byte[] bytes, int chunk)
    {
        int start = Array.FindIndex(bytes, b => b != 0), half = bytes.Length / 2;
        Extent[] extents = [new(start, bytes.Length - half, half - start), new(half, 0, bytes.Length - half)];
        return new ExtentStream(new ShortReads([.. bytes[half..], .. bytes[start..half]], chunk), extents, bytes.Length);
    }

    private sealed class OneBlob(byte[] bytes, int chunk) : IImageSource
    {
        public string Name => "one blob";

        public Task<RawManifest> GetManifestAsync(Digest? digest, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public Task<Stream> OpenBlobAsync(Descriptor blob, long offset, CancellationToken cancellationToken = default) =>
            Task.FromResult<Stream>(new Chunked(bytes.AsMemory((int)offset), chunk));

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class ShortReads(byte[] bytes, int atMost) : MemoryStream(bytes, writable: false)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, atMost)]);
    }

    private sealed class Afterwards(Func<Task> action) : IAsyncDisposable
    {
        public Afterwards(Action action)
            : this(() =>
            {
                action();
                return Task.CompletedTask;
            })
        {
        }

        public async ValueTask DisposeAsync() => await action();
    }
}
