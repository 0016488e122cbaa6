using System.Buffers.Binary;
using System.Security.Cryptography;
using WinLayers.Formats.Text;

namespace WinLayers.Formats.Tests.Text;

public sealed class NtfsNamesTests
{
    // SHA-256 of $UpCase as a formatted volume has it, 65,536 units, little-endian. Made without this library:
    // mkntfs -F -Q on an empty 8 MiB file (ntfs-3g 2022.10.3, the table of Windows 7 and later), then ntfscat -i 10 | sha256sum.
    private const string UpcaseSha256 = "41c26bc7a12bdaeb26025c93118697c7e3ef81ee048b00fe5cce2a472e0e0742";

    [Fact]
    public void Upcase_EveryUnit_IsTheTableOfAFormattedVolume()
    {
        byte[] table = new byte[0x10000 * sizeof(char)];
        for (int c = 0; c <= char.MaxValue; c++)
            BinaryPrimitives.WriteUInt16LittleEndian(table.AsSpan(c * sizeof(char)), NtfsNames.Upcase((char)c));

        Assert.Equal(UpcaseSha256, Convert.ToHexStringLower(SHA256.HashData(table)));
    }

    [Theory]
    [InlineData('a', 'A')]
    [InlineData('z', 'Z')]
    [InlineData('{', '{')]
    [InlineData('ä', 'Ä')]
    [InlineData('ÿ', 'Ÿ')]
    [InlineData('ā', 'Ā')]
    [InlineData('я', 'Я')]
    [InlineData('ω', 'Ω')]
    [InlineData('ａ', 'Ａ')]
    [InlineData('ß', 'ß')]
    [InlineData('µ', 'µ')]
    [InlineData('ı', 'ı')]
    [InlineData('İ', 'İ')]
    [InlineData('ſ', 'ſ')]
    [InlineData('\uD801', '\uD801')]
    [InlineData('\uDC28', '\uDC28')]
    public void Upcase_KnownUnits_GoWhereNtfsHasThem(char c, char expected) => Assert.Equal(expected, NtfsNames.Upcase(c));

    [Theory]
    [InlineData("", "", true)]
    [InlineData("Windows", "WINDOWS", true)]
    [InlineData("Program Files (x86)", "PROGRAM FILES (X86)", true)]
    [InlineData("Übung", "üBUNG", true)]
    [InlineData("a", "b", false)]
    [InlineData("a", "aa", false)]
    [InlineData("@", "`", false)]
    [InlineData("straße", "STRASSE", false)]
    [InlineData("file", "fıle", false)]
    [InlineData("𐐨", "𐐀", false)] // a pair that Unicode capitalises: NTFS looks at units, and leaves these alone
    public void Equal_FollowsTheTable(string left, string right, bool expected)
    {
        Assert.Equal(expected, NtfsNames.Equal(left, right));
        Assert.Equal(expected, NtfsNames.Comparer.Equals(left, right));
        if (expected)
            Assert.Equal(NtfsNames.HashOf(left), NtfsNames.HashOf(right));
    }

    [Theory]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(512)]
    [InlineData(32_767)]
    public void HashOf_LongNames_AgreesAcrossCaseWhereverTheLetterStands(int length)
    {
        string lower = new('a', length);
        Assert.Equal(NtfsNames.HashOf(lower), NtfsNames.HashOf(lower.ToUpperInvariant()));
        foreach (int at in new[] { 0, length / 2, length - 1 })
        {
            string one = string.Concat(lower.AsSpan(0, at), "ä", lower.AsSpan(at + 1));
            string other = string.Concat(lower.AsSpan(0, at), "Ä", lower.AsSpan(at + 1).ToString().ToUpperInvariant());
            Assert.True(NtfsNames.Equal(one, other));
            Assert.Equal(NtfsNames.HashOf(one), NtfsNames.HashOf(other));
            Assert.NotEqual(NtfsNames.HashOf(lower), NtfsNames.HashOf(one));
        }
    }

    [Fact]
    public void Comparer_FindsBySpanWhateverTheCase()
    {
        Dictionary<string, int> names = new(NtfsNames.Comparer) { ["Files\\Windows"] = 1 };

        Assert.True(names.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue("FILES\\windows".AsSpan(), out int found));
        Assert.Equal(1, found);
        Assert.False(names.ContainsKey("Files\\Windows2"));
    }
}
