using WinLayers.Windows.Interop;

namespace WinLayers.Windows.Tests;

public sealed class LayerDataTests
{
    [Fact]
    public void Of_NamesTheLayersAsTheHostWantsThem() => Assert.Equal(
        """{"SchemaVersion":{"Major":2,"Minor":1},"Layers":[{"Id":"01234567-89ab-cdef-0123-456789abcdef","Path":"C:\\l"}]}""",
        LayerData.Of([@"C:\l"], _ => Guid.Parse("01234567-89ab-cdef-0123-456789abcdef")));

    [Fact]
    public void Of_NoLayers_LeavesThemOut() =>
        Assert.Equal("""{"SchemaVersion":{"Major":2,"Minor":1}}""", LayerData.Of([], _ => throw new InvalidOperationException()));
}
