using System.Buffers;
using BenchmarkDotNet.Attributes;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Ntfs.Security;
using WinLayers.Oci.Digests;
using WinLayers.Portable;

namespace WinLayers.Benchmarks;

/// <summary>
/// A file's line in a portable layer's <c>layer.jsonl</c>: writing it, reading it, and reading what a tree of names needs of it.
/// </summary>
[MemoryDiagnoser]
public class LayerIndexBenchmarks
{
    private const int Entries = 1_000;

    private readonly SecurityDescriptor _security = SecurityDescriptor.FromSddl("O:BAG:SYD:PAI(A;;FA;;;BA)(A;;FA;;;SY)(A;;0x1200a9;;;BU)");
    private readonly OneDescriptor _values;
    private readonly ArrayBufferWriter<byte> _written = new();
    private readonly List<byte[]> _lines = [];
    private LayerIndexEntry[] _entries = [];

    public LayerIndexBenchmarks() => _values = new OneDescriptor(_security);

    [GlobalSetup]
    public void Setup()
    {
        _entries = [.. Enumerable.Range(0, Entries).Select(i => new LayerIndexEntry
        {
            Path = LayerPath.FromValue($@"Files\Windows\System32\folder{i / 50}\component{i}.dll"),
            Kind = LayerIndexKind.File,
            Size = 123_456,
            Sha256 = ContentHash.Of("content"u8),
            Metadata = new FileMetadata
            {
                Attributes = FileAttributes.Archive,
                Times = FileTimes.All(FileTime.FromUnix(1_700_000_000, 1_234_567)),
                Security = _security,
            },
        })];
        Write();
        ReadOnlySpan<byte> rest = _written.WrittenSpan;
        while (rest.IndexOf((byte)'\n') is var end and >= 0)
        {
            _lines.Add(rest[..end].ToArray());
            rest = rest[(end + 1)..];
        }
    }

    [Benchmark(OperationsPerInvoke = Entries)]
    public int Write()
    {
        _written.ResetWrittenCount();
        using var writer = new LayerIndexWriter(_written);
        foreach (LayerIndexEntry entry in _entries)
            writer.Write(entry, IndexValueNumbers.None with { Security = 0 });
        return _written.WrittenCount;
    }

    [Benchmark(OperationsPerInvoke = Entries)]
    public long Read()
    {
        long size = 0;
        foreach (byte[] line in _lines)
            size += LayerIndexEntryParser.ReadEntry(line, _values).Size;
        return size;
    }

    [Benchmark(OperationsPerInvoke = Entries)]
    public long ReadOutline()
    {
        long size = 0;
        foreach (byte[] line in _lines)
            size += LayerIndexEntryParser.ReadOutline(line).Size;
        return size;
    }

    private sealed class OneDescriptor(SecurityDescriptor security) : IIndexValueSource
    {
        public SecurityDescriptor Security(int number) => security;

        public ExtendedAttributes ExtendedAttributes(int number) => throw new NotSupportedException();

        public ReparsePoint Reparse(int number) => throw new NotSupportedException();
    }
}
