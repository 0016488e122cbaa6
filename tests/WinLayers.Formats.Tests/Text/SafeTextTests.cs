using System.Globalization;
using System.Text;
using WinLayers.Formats.Text;

namespace WinLayers.Formats.Tests.Text;

public sealed class SafeTextTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("Files\\a b~.txt", "Files\\a b~.txt")]
    [InlineData("größe 漢字 😀 é", "größe 漢字 😀 é")]
    [InlineData("\u001b[31mred", "\\u{1B}[31mred")]
    [InlineData("a\r\nb\tc\0", "a\\u{D}\\u{A}b\\u{9}c\\u{0}")]
    [InlineData("\u007f\u0085\u009b", "\\u{7F}\\u{85}\\u{9B}")]
    [InlineData("\u2028\u2029", "\\u{2028}\\u{2029}")]
    [InlineData("exe.\u202egpj\u2066\u200e\u061c", "exe.\\u{202E}gpj\\u{2066}\\u{200E}\\u{61C}")]
    [InlineData("\u200b\ufeff\u00ad", "\\u{200B}\\u{FEFF}\\u{AD}")]
    [InlineData("a\U000E0001b\U000E0041\U000E007F", "a\\u{E0001}b\\u{E0041}\\u{E007F}")]
    [InlineData("\U0001D173\U000110BD\U0001BCA0", "\\u{1D173}\\u{110BD}\\u{1BCA0}")]
    [InlineData("\\u{1B}", "\\u{1B}")]
    public void Of_EscapesWhatActsOrHides_AndNothingElse(string text, string shown)
    {
        Assert.Equal(shown, SafeText.Of(text));
        Assert.Equal(shown, SafeText.Of(shown));
    }

    [Fact]
    public void Of_HalvesOfSurrogatePairs_AreEscaped()
    {
        Assert.Equal("a\\u{D83D}", SafeText.Of("a\ud83d"));
        Assert.Equal("\\u{DE00}a", SafeText.Of("\ude00a"));
        Assert.Equal("\\u{D83D}😀", SafeText.Of("\ud83d😀"));
    }

    [Fact]
    public void Of_EveryCharacter_IsShownOrEscapedByItsCategory()
    {
        for (int value = 0; value <= 0x10FFFF; value += value == 0xD7FF ? 0x801 : 1)
        {
            string text = new Rune(value).ToString();
            bool isUnsafe = Rune.GetUnicodeCategory(new Rune(value))
                is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
            string expected = isUnsafe ? $"\\u{{{value:X}}}" : text;
            if (SafeText.Of(text) != expected)
                Assert.Fail($"U+{value:X4} is shown as {SafeText.Of(text)}");
        }
    }

    [Theory]
    [InlineData("abcdef", 6, "abcdef")]
    [InlineData("abcdef", 5, "abcde…")]
    [InlineData("abc😀d", 6, "abc😀d")]
    [InlineData("abc😀d", 5, "abc😀…")]
    [InlineData("abc😀d", 4, "abc…")]
    [InlineData("ab\u001bcd", 8, "ab\\u{1B}…")]
    [InlineData("ab\u001bcd", 7, "ab…")]
    [InlineData("ab", 0, "…")]
    [InlineData("", 0, "")]
    public void Excerpt_LongText_IsCutBetweenCharacters(string text, int limit, string shown) =>
        Assert.Equal(shown, SafeText.Excerpt(text, limit));

    [Theory]
    [InlineData("one\r\n  two\n\nthree\n", "one two three")]
    [InlineData("one\u2028two\u001b", "one\\u{2028}two\\u{1B}")]
    public void OneLine_Breaks_AreSpaces(string text, string shown) => Assert.Equal(shown, SafeText.OneLine(text));

    // A second parameter would make the name alone mean the Select that counts.
    [Fact]
    public void Of_AsAMethodGroup_TakesTextsOnly()
    {
        string[] texts = ["a\r\nb", "c\u001b", "d"];
        Assert.Equal(["a\\u{D}\\u{A}b", "c\\u{1B}", "d"], texts.Select(SafeText.Of));
        Assert.Equal(["a b", "c\\u{1B}", "d"], texts.Select(SafeText.OneLine));
    }
}
