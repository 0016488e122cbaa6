using Spectre.Console;
using WinLayers.Formats.Text;

namespace WinLayers.Cli.Terminal;

/// <summary>A column of a table.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="IsNumber">Whether its values stand at the right.</param>
internal sealed record Column(string Title, bool IsNumber = false);

/// <summary>A table: framed and as wide as the terminal for a person, plain aligned columns with nothing cut off in a pipe.</summary>
internal sealed class TextTable(params Column[] columns)
{
    private readonly List<string[]> _rows = [];

    /// <summary>Adds a row; values from outside are made printable here.</summary>
    public void Add(params string[] values) => _rows.Add([.. values.Select(value => SafeText.OneLine(value))]);

    public void WriteTo(Output output)
    {
        if (output.IsTerminal)
            Draw(output);
        else
            WritePlain(output.Text);
    }

    private void Draw(Output output)
    {
        var table = new Table { Border = TableBorder.Rounded, BorderStyle = new Style(Color.Grey) };
        foreach (Column column in columns)
        {
            table.AddColumn(
                new TableColumn(new Text(column.Title, TerminalConsole.AllowsColour ? new Style(decoration: Decoration.Bold) : Style.Plain))
                {
                    Alignment = column.IsNumber ? Justify.Right : Justify.Left,
                    // Numbers and digests break badly; what is left of the width goes to the other columns.
                    NoWrap = column.IsNumber,
                });
        }

        foreach (string[] row in _rows)
            table.AddRow(row.Select(value => new Text(value)));
        TerminalConsole.Create(output.Text).Write(table);
    }

    private void WritePlain(TextWriter to)
    {
        int[] widths = [.. columns.Select((c, i) => Math.Max(c.Title.Length, _rows.Count == 0 ? 0 : _rows.Max(r => r[i].Length)))];
        foreach (string[] row in _rows.Prepend([.. columns.Select(c => c.Title.ToUpperInvariant())]))
        {
            for (int i = 0; i < row.Length; i++)
            {
                bool isLast = i == row.Length - 1;
                to.Write(columns[i].IsNumber ? row[i].PadLeft(widths[i]) : isLast ? row[i] : row[i].PadRight(widths[i]));
                if (!isLast)
                    to.Write("  ");
            }

            to.WriteLine();
        }
    }
}
