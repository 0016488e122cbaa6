using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using WinLayers.Oci.Digests;

namespace WinLayers.Benchmarks;

/// <summary>SHA-256, a third of what unpacking costs: of one small file, and as bytes go by.</summary>
public class HashBenchmarks
{
    private readonly byte[] _file = new byte[70 * 1024];
    private readonly ContentHash _running = new();

    [Benchmark]
    public byte[] SmallFile() => SHA256.HashData(_file);

    [Benchmark]
    public long Running()
    {
        _running.Append(_file);
        return _running.Length;
    }
}
