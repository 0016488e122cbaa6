using WinLayers.Formats.Text;

namespace WinLayers.Cli.Terminal;

/// <summary>Names and values, one a line, aligned; what has no value is left out.</summary>
internal sealed class Facts
{
    private readonly List<(string Name, string Value)> _facts = [];

    public void Add(string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
            _facts.Add((name, SafeText.OneLine(value)));
    }

    public void WriteTo(Output output)
    {
        int width = _facts.Max(f => f.Name.Length) + 2;
        foreach ((string name, string value) in _facts)
            output.Line(name.PadRight(width) + value);
    }
}
