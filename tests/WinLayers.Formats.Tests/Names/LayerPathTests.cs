using WinLayers.Formats.Names;

namespace WinLayers.Formats.Tests.Names;

public sealed class LayerPathTests
{
    [Theory]
    [InlineData("Files/a.txt", "Files\\a.txt")]
    [InlineData("./Files//Windows/", "Files\\Windows")]
    [InlineData("././Files/./Windows/./", "Files\\Windows")]
    [InlineData(".", "")]
    [InlineData("./", "")]
    [InlineData("", "")]
    [InlineData("Files/", "Files")]
    [InlineData("Files/...", "Files\\...")]
    [InlineData("Files/..a/b..", "Files\\..a\\b..")]
    [InlineData("Files/.wh.a", "Files\\.wh.a")]
    [InlineData("Files/CON/NUL.txt/COM1", "Files\\CON\\NUL.txt\\COM1")]
    [InlineData("Files/trailing. /dots...", "Files\\trailing. \\dots...")]
    [InlineData("Files/日本語/Ünï/😀", "Files\\日本語\\Ünï\\😀")]
    [InlineData("Files/a b~1 [x] {y} $z", "Files\\a b~1 [x] {y} $z")]
    [InlineData("Files/\u00a0\u2028\u2029\u202e/\U000E0001", "Files\\\u00a0\u2028\u2029\u202e\\\U000E0001")]
    public void Parse_BenignForms_ReadAsTheSamePath(string tarName, string expected) =>
        Assert.Equal(expected, LayerPath.Parse(tarName).Value);

    public static TheoryData<string, string> Hostile => new()
    {
        { "..", "name-traversal" },
        { "../x", "name-traversal" },
        { "Files/../Hives/x", "name-traversal" },
        { "Files/x/..", "name-traversal" },
        { "./../x", "name-traversal" },
        { "Files//../x", "name-traversal" },
        { "/Files/x", "name-rooted" },
        { "//server/share", "name-rooted" },
        { "\\Files", "name-rooted" },
        { "\\\\server\\share", "name-rooted" },
        { "\\\\?\\C:\\x", "name-rooted" },
        { "\\\\.\\PhysicalDrive0", "name-rooted" },
        { "\\??\\C:\\x", "name-rooted" },
        { "C:/Windows", "name-colon" },
        { "C:", "name-colon" },
        { "Files/C:/x", "name-colon" },
        { "Files/a:stream/b", "name-colon" },
        { "Files/a::$DATA", "name-colon" },
        { "Files\\..\\x", "name-backslash" },
        { "Files/a\\b", "name-backslash" },
        { "./\\\\server/x", "name-backslash" },
        { "Files/a\0b", "name-control" },
        { "Files/a\nb", "name-control" },
        { "Files/\u0001", "name-control" },
        { "Files/\u001f", "name-control" },
        { "Files/\u007f", "name-control" },
        { "Files/a\u0080", "name-control" },
        { "Files/a\u0085b/c", "name-control" },
        { "\u009f", "name-control" },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Parse_HostileName_IsRefusedByItsRule(string tarName, string rule)
    {
        LayerRefusedException refused = Assert.Throws<LayerRefusedException>(() => LayerPath.Parse(tarName));
        Assert.Equal(rule, refused.Rule.Name);
    }

    // Not a theory: a test runner passes its cases on as UTF-8, which cannot hold these.
    [Fact]
    public void Parse_IllFormedUnicode_IsRefused()
    {
        foreach (string tarName in (string[])["Files/\ud83d", "Files/\ude00\ud83d", "Files/a\ud83d/\ude00b"])
            Assert.Equal("name-encoding", Assert.Throws<LayerRefusedException>(() => LayerPath.Parse(tarName)).Rule.Name);
    }

    [Theory]
    [InlineData("Files\\..\\x")]
    [InlineData("\\Files")]
    [InlineData("/Files")]
    [InlineData("C:\\x")]
    [InlineData("Files/x")]
    [InlineData("Files\\a/../../../etc/passwd")]
    [InlineData("Files\\a\0")]
    public void FromValue_HostilePath_IsRefused(string value) => Assert.Throws<LayerRefusedException>(() => LayerPath.FromValue(value));

    [Theory]
    [InlineData("/Files/a", "Files\\a")]
    [InlineData("//Files/a", "Files\\a")]
    [InlineData("Files/a", "Files\\a")]
    [InlineData("./Files/a", "Files\\a")]
    public void ParseLinkTarget_LeadingSlash_IsTheLayersRoot(string target, string expected) =>
        Assert.Equal(expected, LayerPath.ParseLinkTarget(target).Value);

    [Theory]
    [InlineData("../../Windows/x")]
    [InlineData("/../x")]
    [InlineData("/\\x")]
    [InlineData("C:/x")]
    [InlineData("\\Files\\x")]
    public void ParseLinkTarget_HostileTarget_IsRefused(string target) =>
        Assert.Throws<LayerRefusedException>(() => LayerPath.ParseLinkTarget(target));

    [Theory]
    [InlineData("Files\\Windows", "Files\\Windows")]
    [InlineData("/files/windows/", "files\\windows")]
    [InlineData("\\Files\\Windows\\", "Files\\Windows")]
    [InlineData("\\", "")]
    public void FromUser_EitherSeparator_ReadsAsPath(string text, string expected) =>
        Assert.Equal(expected, LayerPath.FromUser(text).Value);

    [Theory]
    [InlineData(254, true)]
    [InlineData(255, true)]
    [InlineData(256, false)]
    public void Parse_ComponentAtItsLimit_CountsUnits(int length, bool isRead)
    {
        string name = "Files/" + new string('a', length);
        string pairs = "Files/" + string.Concat(Enumerable.Repeat("😀", length / 2)) + new string('b', length % 2);
        foreach (string text in new[] { name, pairs, name + "/x" })
        {
            if (isRead)
                Assert.Equal(text.Replace('/', '\\'), LayerPath.Parse(text).Value);
            else
                Assert.Equal(NameRules.ComponentLength, Assert.Throws<LayerRefusedException>(() => LayerPath.Parse(text)).Rule);
        }
    }

    [Theory]
    [InlineData(32_766, true)]
    [InlineData(32_767, true)]
    [InlineData(32_768, false)]
    public void Parse_PathAtItsLimit_CountsUnitsOfTheCleanPath(int length, bool isRead)
    {
        string text = PathOfLength(length);
        foreach (string form in new[] { text, "./" + text + "/" })
        {
            if (isRead)
                Assert.Equal(length, LayerPath.Parse(form).Value.Length);
            else
                Assert.Equal(NameRules.PathLength, Assert.Throws<LayerRefusedException>(() => LayerPath.Parse(form)).Rule);
        }
    }

    [Fact]
    public void Parse_EndlessDots_AreRefusedUnread() =>
        Assert.Equal(NameRules.PathLength,
            Assert.Throws<LayerRefusedException>(() => LayerPath.Parse(string.Concat(Enumerable.Repeat("./", 40_000)))).Rule);

    [Fact]
    public void Parse_RefusedName_StaysOneShortLine()
    {
        string message = Assert.Throws<LayerRefusedException>(() => LayerPath.Parse("/\n\u001b[31m" + new string('x', 60_000))).Message;

        Assert.True(message.Length < 300);
        Assert.DoesNotContain(message, char.IsControl);
    }

    [Theory]
    [InlineData("Files", LayerArea.Files)]
    [InlineData("files/x", LayerArea.Files)]
    [InlineData("HIVES/System_Delta", LayerArea.Hives)]
    [InlineData("UtilityVM/Files/x", LayerArea.UtilityVm)]
    [InlineData("utilityvm", LayerArea.UtilityVm)]
    [InlineData("Files2/x", LayerArea.Other)]
    [InlineData("blank.vhdx", LayerArea.Other)]
    [InlineData("", LayerArea.Other)]
    public void Area_IsTheFirstComponentWhateverItsCase(string tarName, LayerArea area) =>
        Assert.Equal(area, LayerPath.Parse(tarName).Area);

    [Theory]
    [InlineData("Files/Windows/a.txt", "FILES/windows/A.TXT", true)]
    [InlineData("Files/ä", "Files/Ä", true)]
    [InlineData("Files/ß", "Files/SS", false)]
    [InlineData("Files/a", "Files/a/b", false)]
    [InlineData("", ".", true)]
    public void Equality_IsThatOfNtfs(string left, string right, bool expected)
    {
        (LayerPath one, LayerPath other) = (LayerPath.Parse(left), LayerPath.Parse(right));

        Assert.Equal(expected, one == other);
        Assert.NotEqual(expected, one != other);
        Assert.Equal(expected, one.Equals((object)other));
        if (expected)
            Assert.Equal(one.GetHashCode(), other.GetHashCode());
    }

    [Theory]
    [InlineData("Files/a/b", "Files/a", true)]
    [InlineData("FILES/A/b", "Files/a", true)]
    [InlineData("Files/a", "Files/a", false)]
    [InlineData("Files/ab", "Files/a", false)]
    [InlineData("Files", "Files/a", false)]
    [InlineData("Files", "", true)]
    [InlineData("", "", false)]
    public void IsBelow_NeedsAWholeComponent(string path, string directory, bool expected) =>
        Assert.Equal(expected, LayerPath.Parse(path).IsBelow(LayerPath.Parse(directory)));

    [Fact]
    public void CompareTo_SortsDepthFirstAndOrdinal()
    {
        string[] depthFirst = ["", "A", "A/a", "A/a/z", "A/b", "A b", "A b/x", "A!", "A-b", "A.txt", "B", "a", "a/B", "a/b", "aa", "ä"];
        LayerPath[] paths = [.. depthFirst.Select(LayerPath.Parse)];

        // '\' sorts before ' ', '!' and '-', although its unit is greater: a directory's children follow it at once.
        Assert.Equal(depthFirst, paths.Reverse().Order().Select(path => path.ToTarName()));
        Assert.True(paths[1] < paths[2] && paths[2] > paths[1] && paths[1] <= paths[2] && paths[2] >= paths[1]);
        Assert.Equal(0, paths[3].CompareTo(LayerPath.Parse("A/a/z")));
    }

    [Fact]
    public void ParentNameAndComponents_TakeAPathApart()
    {
        LayerPath path = LayerPath.Parse("Files/Windows/a.txt");

        Assert.Equal("a.txt", path.Name.ToString());
        Assert.Equal("Files\\Windows", path.Parent.Value);
        Assert.Equal(LayerPath.Root, path.Parent.Parent.Parent);
        Assert.Equal(LayerPath.Root, LayerPath.Root.Parent);
        Assert.Equal("", LayerPath.Root.Name.ToString());
        Assert.Equal(["Files", "Windows", "a.txt"], ComponentsOf(path));
        Assert.Empty(ComponentsOf(LayerPath.Root));
        Assert.Equal("Files/Windows/a.txt", path.ToTarName());
    }

    [Fact]
    public void Child_SafeName_ExtendsThePath()
    {
        Assert.Equal("Files", LayerPath.Root.Child("Files").Value);
        Assert.Equal("Files\\a.txt", LayerPath.Parse("Files").Child("a.txt").Value);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a:b")]
    [InlineData("a\0")]
    public void Child_UnsafeName_IsRefused(string name) => Assert.Throws<LayerRefusedException>(() => LayerPath.Parse("Files").Child(name));

    // Not among the cases above: an attribute cannot hold half a pair.
    [Fact]
    public void Child_HalfASurrogatePair_IsRefused() =>
        Assert.Equal(NameRules.Encoding, Assert.Throws<LayerRefusedException>(() => LayerPath.Root.Child("\ud800")).Rule);

    [Fact]
    public void Child_PastTheLongestPath_IsRefused()
    {
        LayerPath parent = LayerPath.Parse(PathOfLength(LayerPath.MaxPath - 2));

        Assert.Equal(LayerPath.MaxPath, parent.Child("x").Value.Length);
        Assert.Equal(NameRules.PathLength, Assert.Throws<LayerRefusedException>(() => parent.Child("xy")).Rule);
    }

    private static string PathOfLength(int length) =>
        string.Create(length, 0, static (text, _) =>
        {
            for (int i = 0; i < text.Length; i++)
                text[i] = i % 200 == 199 && i + 1 < text.Length ? '/' : 'a';
        });

    private static List<string> ComponentsOf(LayerPath path)
    {
        List<string> components = [];
        foreach (Range range in path.Components)
            components.Add(path.Value[range]);
        return components;
    }
}
