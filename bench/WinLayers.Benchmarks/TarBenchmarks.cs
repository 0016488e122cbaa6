using System.Formats.Tar;
using BenchmarkDotNet.Attributes;
using WinLayers.Formats.Tar;

namespace WinLayers.Benchmarks;

/// <summary>Reading 20 thousand small entries with metadata: ours decodes the NTFS metadata, the framework's does not know it.</summary>
[MemoryDiagnoser]
public class TarBenchmarks
{
    private const int Entries = 20_000;

    private byte[] _tar = [];

    [GlobalSetup]
    public void Setup() => _tar = SampleTar.Make(Entries, bytesEach: 100);

    [Benchmark(Baseline = true, OperationsPerInvoke = Entries)]
    public int FrameworkReader()
    {
        int count = 0;
        using var reader = new TarReader(new MemoryStream(_tar, writable: false));
        while (reader.GetNextEntry() is not null)
            count++;
        return count;
    }

    [Benchmark(OperationsPerInvoke = Entries)]
    public int LayerReader()
    {
        int count = 0;
        using var reader = new LayerTarReader(new MemoryStream(_tar, writable: false));
        while (reader.Read() is not null)
            count++;
        return count;
    }
}
