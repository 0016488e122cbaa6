using BenchmarkDotNet.Attributes;
using WinLayers.Formats;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Ntfs.Security;
using WinLayers.Formats.Tar;

namespace WinLayers.Benchmarks;

/// <summary>The PAX records of one file: splitting them, and making NTFS metadata of them.</summary>
[MemoryDiagnoser]
public class PaxBenchmarks
{
    private const int Headers = 1_000;

    private readonly EntryMetadataReader _metadata = new(LayerLimits.Default);
    private readonly PaxRecords _records = new();
    private readonly TarMember _member = new() { Type = TarTypes.File, Name = "Files/a.dll" };
    private byte[] _headers = [];
    private int _headerLength;

    [GlobalSetup]
    public void Setup()
    {
        FileTime time = FileTime.FromUnix(1_700_000_000, 1_234_567);
        var writer = new PaxRecordWriter();
        writer.Add(PaxKeys.FileAttributes, "32");
        writer.Add(PaxKeys.CreationTime, time);
        writer.Add(PaxKeys.AccessTime, time);
        writer.Add(PaxKeys.ChangeTime, time);
        writer.Add(PaxKeys.ModificationTime, time);
        writer.Add(PaxKeys.RawSecurityDescriptor,
            SecurityDescriptor.FromSddl("O:BAG:SYD:PAI(A;;FA;;;BA)(A;;FA;;;SY)(A;;0x1200a9;;;BU)").Bytes.Span);
        byte[] header = writer.Take().ToArray();

        _headerLength = header.Length;
        _headers = [.. Enumerable.Repeat(header, Headers).SelectMany(static bytes => bytes)];
        using var input = new TarInput(new MemoryStream(header, writable: false));
        if (!_member.Records.TryTake(input, header.Length))
            throw new InvalidOperationException("The header is not whole.");
    }

    [Benchmark(OperationsPerInvoke = Headers)]
    public int Split()
    {
        using var input = new TarInput(new MemoryStream(_headers, writable: false));
        int length = 0;
        for (int i = 0; i < Headers; i++)
        {
            _records.Clear();
            _records.TryTake(input, _headerLength);
            length += _records.Length;
        }

        return length;
    }

    [Benchmark]
    public FileMetadata Interpret() => _metadata.ReadFull(_member);
}
