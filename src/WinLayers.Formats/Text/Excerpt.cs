
namespace WinLayers.Formats.Text;

/// <summary>Text from outside as a message may show it: as much as helps, on one line, without what would paint the terminal.</summary>
internal static class Excerpt
{
    private const int Longest = 80;

    public static string Of(ReadOnlySpan<char> text) =>
        string.Create(Math.Min(text.Length, Longest + 1), text, static (shown, text) =>
        {
            for (int i = 0; i < shown.Length; i++)
                shown[i] = i == Longest ? '…' : char.IsControl(text[i]) ? '\uFFFD' : text[i];
        });
}
