using System.Globalization;
using System.Text.RegularExpressions;

namespace WinLayers.IntegrationTests.Cli;

/// <summary>What a terminal of some width shows of a program's output: text, cursor up, erase.</summary>
internal sealed partial class TerminalScreen(int width)
{
    private readonly List<char[]> _lines = [];
    private int _row;
    private int _column;

    /// <summary>Lines that did not fit and went on in the next one.</summary>
    public List<string> Wrapped { get; } = [];

    /// <summary>The lines with something in them.</summary>
    public IReadOnlyList<string> Lines =>
        [.. _lines.Select(line => new string(line).TrimEnd()).Where(line => line.Length > 0)];

    public void Write(string output)
    {
        for (int i = 0; i < output.Length; i++)
        {
            if (output[i] == '\u001b' && Control().Match(output, i) is { Success: true } control)
            {
                Obey(control.Groups["code"].Value[0],
                    int.TryParse(control.Groups["count"].Value, CultureInfo.InvariantCulture, out int count) ? count : null);
                i += control.Length - 1;
            }
            else if (output[i] == '\n')
            {
                _row++;
            }
            else if (output[i] == '\r')
            {
                _column = 0;
            }
            else
            {
                Put(output[i]);
            }
        }
    }

    private void Put(char letter)
    {
        if (_column >= width)
        {
            Wrapped.Add(new string(Line(_row)));
            (_row, _column) = (_row + 1, 0);
        }

        Line(_row)[_column++] = letter;
    }

    private void Obey(char code, int? count)
    {
        switch (code)
        {
            case 'A':
                _row = Math.Max(0, _row - (count ?? 1));
                break;
            case 'K':
                Array.Fill(Line(_row), ' ', count == 2 ? 0 : _column, width - (count == 2 ? 0 : _column));
                break;
            case 'J':
                for (int row = _row; row < _lines.Count; row++)
                    Array.Fill(_lines[row], ' ');
                break;
        }
    }

    private char[] Line(int row)
    {
        while (_lines.Count <= row)
            _lines.Add([.. Enumerable.Repeat(' ', width)]);
        return _lines[row];
    }

    [GeneratedRegex(@"\G\u001b\[(?<count>[0-9?;]*)(?<code>[A-Za-z])", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Control();
}
