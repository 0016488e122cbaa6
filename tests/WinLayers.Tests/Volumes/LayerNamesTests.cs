using FsCheck;
using FsCheck.Fluent;
using WinLayers.Formats.Names;
using WinLayers.Volumes;

namespace WinLayers.Tests.Volumes;

public sealed class LayerNamesTests
{
    [Fact]
    public void AnySequenceOfAddsAndRemoves_LeavesWhatASetOfPathsHas()
    {
        // Few letters, so that names meet in every spelling.
        Gen<string> component = Gen.Elements("a", "A", "b", "B", "c", "ä", "Ä");
        Gen<LayerPath> path = component.NonEmptyListOf().Select(components => LayerPath.Parse(string.Join('/', components.Take(4))));
        Gen<List<(bool Add, LayerPath Path)>> steps = Gen.Zip(Gen.Frequency((3, Gen.Constant(true)), (1, Gen.Constant(false))), path)
            .ListOf().Select(list => list.Select(step => (step.Item1, step.Item2)).ToList());

        Prop.ForAll(steps.ToArbitrary(), Agrees).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void ToPath_KeepsTheFirstSpelling()
    {
        var names = new LayerNames();
        NameNode files = names.Add(names.Root, "Files", NameKind.Directory, NameMarks.None);
        names.Add(files, "Name", NameKind.File, NameMarks.None);

        Assert.Equal("Files\\Name", names.Find(LayerPath.Parse("FILES/NAME"))!.Value.ToPath().Value);
        Assert.Equal("", names.Root.ToPath().Value);
    }

    private static void Agrees(List<(bool Add, LayerPath Path)> steps)
    {
        var names = new LayerNames();
        var model = new HashSet<LayerPath>();
        foreach ((bool add, LayerPath path) in steps)
        {
            NameNode? found = names.Find(path);
            Assert.Equal(model.Contains(path), found is not null);
            Assert.Equal(model.Contains(path.Parent) || path.Parent.IsRoot, names.FindParent(path) is not null);
            if (!add && found is { } node)
            {
                names.Remove(node);
                model.RemoveWhere(other => other == path || other.IsBelow(path));
            }
            else if (add && found is null)
            {
                NameNode at = names.FindDeepest(path, out int length);
                foreach (string component in path.Value[length..].Split('\\', StringSplitOptions.RemoveEmptyEntries))
                {
                    at = names.Add(at, component, NameKind.Directory, NameMarks.None);
                    model.Add(at.ToPath());
                }
            }
        }

        Assert.Equal(model.Order(), AllBelow(names.Root).Select(node => node.ToPath()).Order());
        Assert.All(model, path => Assert.Equal(path, names.Find(path)!.Value.ToPath()));
        Assert.All(model, path => Assert.Equal(model.Any(other => other.IsBelow(path)), names.Find(path)!.Value.HasChildren));
    }

    private static IEnumerable<NameNode> AllBelow(NameNode node) => node.Children.SelectMany(child => AllBelow(child).Prepend(child));
}
