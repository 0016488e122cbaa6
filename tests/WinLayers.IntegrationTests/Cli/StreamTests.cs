using System.Reflection;
using WinLayers.House.Tests;

namespace WinLayers.IntegrationTests.Cli;

/// <summary>The suite that every stream that reads runs, for those of the command.</summary>
public sealed class StreamTests
{
    // The command's classes are its own.
    private static readonly Assembly Command = Assembly.Load("WinLayers.Cli");

    private static readonly string[] Writing = ["StandardOutput"];

    private static readonly StreamCase[] Reading =
    [
        new(TypeOf("WatchedStream"), (bytes, _) => (Stream)Activator.CreateInstance(
            TypeOf("WatchedStream"), new MemoryStream(bytes), new Action<long>(_ => { }), TestContext.Current.CancellationToken)!),
    ];

    public static TheoryData<string, string> Cases
    {
        get
        {
            TheoryData<string, string> cases = [];
            foreach (StreamCase of in Reading)
            {
                foreach (string check in StreamConformance.Checks.Keys)
                    cases.Add(of.Name, check);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Stream_KeepsToWhatStreamsPromise(string stream, string check) =>
        StreamConformance.Checks[check](Reading.Single(one => one.Name == stream));

    [Fact]
    public void EveryStreamClass_IsInTheTable() =>
        Assert.DoesNotContain(
            Command.GetTypes(),
            type => type.IsSubclassOf(typeof(Stream)) && !Reading.Any(one => one.Type == type) && !Writing.Contains(type.Name));

    private static Type TypeOf(string name) => Command.GetTypes().Single(type => type.Name == name);
}
