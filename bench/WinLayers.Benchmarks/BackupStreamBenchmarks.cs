using BenchmarkDotNet.Attributes;
using WinLayers.Formats.Ntfs.Backup;
using WinLayers.Formats.Ntfs.Security;

namespace WinLayers.Benchmarks;

/// <summary>Framing a 64 KiB file as a backup stream, and reading it back.</summary>
[MemoryDiagnoser]
public class BackupStreamBenchmarks
{
    private readonly byte[] _data = new byte[64 * 1024];
    private readonly SecurityDescriptor _security = SecurityDescriptor.FromSddl("O:BAG:SYD:PAI(A;;FA;;;BA)(A;;FA;;;SY)");
    private readonly MemoryStream _framed = new();

    [GlobalSetup]
    public void Setup() => Write();

    [Benchmark]
    public long Write()
    {
        _framed.SetLength(0);
        var writer = new BackupStreamWriter(_framed);
        writer.WriteSecurity(_security);
        writer.WriteData(new MemoryStream(_data, writable: false), _data.Length);
        return _framed.Length;
    }

    [Benchmark]
    public long Read()
    {
        long total = 0;
        _framed.Position = 0;
        var reader = new BackupStreamReader(_framed);
        while (reader.ReadNext() is { } record)
            total += record.Length;
        return total;
    }
}
