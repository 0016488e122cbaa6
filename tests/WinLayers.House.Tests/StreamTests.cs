using System.Reflection;

namespace WinLayers.House.Tests;

/// <summary>The one suite that every stream of the library that reads runs.</summary>
public sealed class StreamTests
{
    public static TheoryData<string, string> Cases
    {
        get
        {
            TheoryData<string, string> cases = [];
            foreach (StreamCase of in StreamTable.Reading)
            {
                foreach (string check in StreamConformance.Checks.Keys)
                    cases.Add(of.Name, check);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Stream_KeepsToWhatStreamsPromise(string stream, string check)
    {
        StreamCase of = StreamTable.Reading.Single(one => one.Name == stream);
        Assert.SkipWhen(of.Missing() is not null, of.Missing() ?? "");
        await StreamConformance.Checks[check](of);
    }

    /// <summary>A new stream class goes into the table, or says there why it does not.</summary>
    [Fact]
    public void EveryStreamClass_IsInTheTable()
    {
        var missing =
            from file in Directory.EnumerateFiles(AppContext.BaseDirectory, "WinLayers*.dll")
            where !Path.GetFileName(file).Contains("Test", StringComparison.Ordinal)
            from type in Assembly.Load(Path.GetFileNameWithoutExtension(file)).GetTypes()
            where type.IsSubclassOf(typeof(Stream)) && !type.IsAbstract
            where !StreamTable.Reading.Any(one => one.Type == type) && !StreamTable.Others.ContainsKey(type.Name)
            select type.FullName;
        Assert.Empty(missing);
    }
}
