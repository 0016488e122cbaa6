using System.Text.RegularExpressions;

namespace WinLayers.Tests.House;

/// <summary>A room knows only rooms on lower floors (docs/architecture.md).</summary>
public sealed partial class FloorsTests
{
    private static readonly (string Room, int Floor)[] Floors =
    [
        ("", 0),
        ("Ntfs", 1),
        ("Tar", 2),
        ("Images", 2),
        ("Content", 3),
        ("Sources", 4),
        ("Layers", 4),
        ("Hosts", 5),
        ("Storage", 6),
        ("Unpacking", 7),
    ];

    [Fact]
    public void EveryRoom_UsesOnlyRoomsBelowIt()
    {
        string source = Path.Combine(Repository.Root, "src", "WinLayers");
        var upward =
            from file in Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
            let relative = Path.GetRelativePath(source, file)
            where !relative.Split(Path.DirectorySeparatorChar)[0].Equals("obj", StringComparison.Ordinal)
            let room = relative.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal)
                ? relative.Split(Path.DirectorySeparatorChar)[0]
                : ""
            from Match match in RoomReference().Matches(File.ReadAllText(file))
            let used = match.Groups["room"].Value
            where used != room && FloorOf(used) >= FloorOf(room)
            select $"{relative} uses {used}";

        Assert.Empty(upward.Distinct());
    }

    private static int FloorOf(string room)
    {
        (string Room, int Floor) known = Array.Find(Floors, floor => floor.Room == room);
        Assert.True(known.Room is not null, $"Room '{room}' has no floor; add it here and to docs/architecture.md.");
        return known.Floor;
    }

    [GeneratedRegex(@"\bWinLayers\.(?<room>Ntfs|Tar|Images|Content|Sources|Layers|Hosts|Storage|Unpacking)\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex RoomReference();
}
