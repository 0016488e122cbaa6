using System.Reflection;
using System.Text.RegularExpressions;
using NetArchTest.Rules;
using WinLayers.Testing;

namespace WinLayers.House.Tests;

/// <summary>
/// A room knows only rooms of packages below and rooms that stand before it in its package's list (docs/architecture.md). Read from the
/// compiled code,
/// where a dependency cannot hide.
/// </summary>
public sealed class FloorsTests
{
    private static readonly Dictionary<string, string[]> Rooms = new()
    {
        ["WinLayers.Formats"] = ["Text", "", "IO", "Names", "Ntfs.Security", "Ntfs", "Hives", "Ntfs.Backup", "Tar"],
        ["WinLayers.Oci"] =
        [
            "Disk.Interop", "Disk", "Digests", "References", "Documents", "Platforms", "Content", "Compression", "Sources", "Layouts",
            "Registries", "Registries.Transport", "Registries.Auth", "Registries.Blobs", "Registries.Client", "Archives", "Copying", "",
        ],
        ["WinLayers"] =
        [
            "Volumes", "Writing", "Transport", "Views", "Linting", "Hosts", "Portable", "Storage", "Unpacking.Pipeline", "Unpacking",
                "Samples",
        ],
        ["WinLayers.Windows"] = ["Errors", "Interop", "Volumes", "Scratch", "UtilityVm", ""],
    };

    public static TheoryData<string, string> EveryRoom =>
        [.. Rooms.SelectMany(package => package.Value.Select(room => (package.Key, room)))];

    [Theory]
    [MemberData(nameof(EveryRoom))]
    public void Room_UsesOnlyWhatIsBelowIt(string package, string room)
    {
        Assembly assembly = Assembly.Load(package);
        HashSet<string> above = [.. Rooms[package].SkipWhile(other => other != room).Skip(1).Select(other => Namespace(package, other))];
        string[] forbidden =
            [.. assembly.GetTypes().Where(type => !type.IsNested && above.Contains(type.Namespace ?? "")).Select(type => type.FullName!)];
        if (forbidden.Length == 0)
            return;
        var result = Types.InAssembly(assembly)
            .That().ResideInNamespaceMatching($"^{Regex.Escape(Namespace(package, room))}$")
            .ShouldNot().HaveDependencyOnAny(forbidden)
            .GetResult();
        Assert.True(result.IsSuccessful, string.Join('\n', result.FailingTypes.Select(type => $"{type.FullName}: {type.Explanation}")));
    }

    [Fact]
    public void EveryNamespace_IsARoom()
    {
        IEnumerable<string> unknown =
            from assembly in Repository.Packages
            let package = assembly.GetName().Name!
            from name in assembly.GetTypes().Select(type => type.Namespace).OfType<string>().Distinct()
            where name.StartsWith("WinLayers", StringComparison.Ordinal)
            where !Rooms[package].Any(room => Namespace(package, room) == name)
            select name;
        Assert.Empty(unknown);
    }

    private static string Namespace(string package, string room) => room.Length == 0 ? package : $"{package}.{room}";
}
