using System.IO.Compression;
using BenchmarkDotNet.Attributes;
using WinLayers.Oci.Compression;

namespace WinLayers.Benchmarks;

/// <summary>Inflating a gzip layer: the framework's stream bare, with the truth about its end, and ISA-L where the system has it.</summary>
public class InflateBenchmarks
{
    private readonly byte[] _buffer = new byte[256 * 1024];
    private byte[] _gzip = [];

    [GlobalSetup]
    public void Setup()
    {
        // Program code: it compresses about as a layer does.
        byte[] code = File.ReadAllBytes(typeof(object).Assembly.Location);
        var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(code);
        _gzip = compressed.ToArray();
    }

    [Benchmark(Baseline = true)]
    public long Bare() => Drain(new GZipStream(Compressed(), CompressionMode.Decompress));

    [Benchmark]
    public long Framework() => Drain(Decompression.Open(Compressed(), "", limits: null, leaveOpen: false, inflater: null));

    [Benchmark]
    public long Isal() => IsalLibrary.Instance is { } library
        ? Drain(Decompression.Open(Compressed(), "", limits: null, leaveOpen: false, library))
        : throw new NotSupportedException("ISA-L is not on this system: apt-get install libisal2");

    private MemoryStream Compressed() => new(_gzip, writable: false);

    private long Drain(Stream stream)
    {
        long total = 0;
        using (stream)
        {
            while (stream.Read(_buffer) is var count and > 0)
                total += count;
        }

        return total;
    }
}
