using BenchmarkDotNet.Attributes;
using WinLayers.Formats.Names;

namespace WinLayers.Benchmarks;

/// <summary>The names of a layer of 100 thousand entries: adding and finding them.</summary>
[MemoryDiagnoser]
public class IndexBenchmarks
{
    private const int Names = 100_000;

    private readonly string[] _names = [.. Enumerable.Range(0, Names).Select(i => $"component-{i:x8}.dll")];
    private readonly NameTree<long> _tree = new();

    [GlobalSetup]
    public void Setup()
    {
        foreach (string name in _names)
            _tree.Add(NameTree.Root, name);
    }

    [Benchmark(OperationsPerInvoke = Names)]
    public int Add()
    {
        var tree = new NameTree<long>();
        foreach (string name in _names)
            tree.Add(NameTree.Root, name);
        return tree.Count;
    }

    [Benchmark(OperationsPerInvoke = Names)]
    public int Find()
    {
        int found = 0;
        foreach (string name in _names)
            found += _tree.Find(NameTree.Root, name) == NameTree.None ? 0 : 1;
        return found;
    }
}
