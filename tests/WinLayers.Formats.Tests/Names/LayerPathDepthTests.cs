using WinLayers.Formats.Names;

namespace WinLayers.Formats.Tests.Names;

public sealed class LayerPathDepthTests
{
    [Theory]
    [InlineData(1023, true)]
    [InlineData(1024, true)]
    [InlineData(1025, false)]
    public void Parse_DepthAtItsLimit_CountsComponents(int depth, bool isRead)
    {
        string text = string.Join('/', Enumerable.Repeat("d", depth));
        foreach (string form in new[] { text, $"./{text}/", text.Replace("/", "//", StringComparison.Ordinal) })
        {
            if (isRead)
                Assert.Equal(depth, LayerPath.Parse(form).Value.Split('\\').Length);
            else
                Assert.Same(NameRules.Depth, Assert.Throws<LayerRefusedException>(() => LayerPath.Parse(form)).Rule);
        }
    }

    [Theory]
    [InlineData(1022, true)]
    [InlineData(1023, true)]
    [InlineData(1024, false)]
    public void Child_OfADeepPath_KeepsToTheSameLimit(int depth, bool isMade)
    {
        LayerPath parent = LayerPath.Parse(string.Join('/', Enumerable.Repeat("d", depth)));

        if (isMade)
            Assert.Equal(parent.Value + "\\e", parent.Child("e").Value);
        else
            Assert.Same(NameRules.Depth, Assert.Throws<LayerRefusedException>(() => parent.Child("e")).Rule);
    }
}
