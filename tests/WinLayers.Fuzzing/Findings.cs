using System.Security.Cryptography;

namespace WinLayers.Fuzzing;

/// <summary>Where findings go. Safe to call from several threads.</summary>
internal sealed class Findings(string folder)
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _seen = [];

    /// <summary>Distinct findings so far.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _seen.Count;
        }
    }

    /// <summary>Keeps an input, once for each kind of failure.</summary>
    public void Add(FuzzTarget target, byte[] input, string kind, string report)
    {
        lock (_gate)
        {
            if (!_seen.Add($"{target.Name}\n{kind}"))
                return;
            string file = Path.Combine(folder, $"{target.Name}-{Convert.ToHexStringLower(SHA256.HashData(input))[..12]}");
            Directory.CreateDirectory(folder);
            File.WriteAllBytes(file + ".bin", input);
            File.WriteAllText(file + ".txt", report + Environment.NewLine);
            Console.Error.WriteLine($"{target.Name}: finding: {kind}; {input.Length} bytes in {file}.bin");
        }
    }

    /// <summary>Keeps the input in flight, for when the process does not survive it.</summary>
    public void Trace(FuzzTarget target, ReadOnlySpan<byte> input)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, target.Name + ".current"), input);
    }
}
