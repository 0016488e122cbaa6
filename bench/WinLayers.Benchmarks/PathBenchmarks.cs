using BenchmarkDotNet.Attributes;
using WinLayers.Formats.Names;

namespace WinLayers.Benchmarks;

/// <summary>A path of a layer: checked, compared and hashed as NTFS does.</summary>
[MemoryDiagnoser]
public class PathBenchmarks
{
    private const string TarName = "Files/Windows/WinSxS/amd64_microsoft-windows-shell_31bf3856ad364e35_10.0.20348.1_none/shell32.dll";

    private readonly LayerPath _path = LayerPath.Parse(TarName);
    private readonly LayerPath _otherCase = LayerPath.Parse(TarName.ToUpperInvariant());

    [Benchmark]
    public LayerPath Parse() => LayerPath.Parse(TarName);

    [Benchmark]
    public bool EqualInAnotherCase() => _path == _otherCase;

    [Benchmark]
    public int Hash() => _path.GetHashCode();
}
