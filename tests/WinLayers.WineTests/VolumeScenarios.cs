using System.Text;
using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Ntfs.Security;
using WinLayers.Formats.Tar;
using WinLayers.Volumes;
using WinLayers.Windows;
using WinLayers.Windows.Volumes;

namespace WinLayers.WineTests;

/// <summary>What NtfsVolume promises, tried on a real folder.</summary>
internal static class VolumeScenarios
{
    private static readonly FileTimes Times =
        new(new(132444736000000000), new(133444736107650000), new(133444736001230000), new(133444736205000000));

    public static Dictionary<string, object?> TryAll(string folder)
    {
        HostPrivileges.Enable();
        Directory.CreateDirectory(folder);
        Dictionary<string, object?> facts = [];
        using NtfsVolume volume = NtfsVolume.Open(folder);
        FileMetadata plain = new() { Attributes = FileAttributes.Archive, Times = Times };
        FileMetadata directory = new() { Attributes = FileAttributes.Directory, Times = Times };
        LayerPath files = LayerPath.Parse("Files");
        volume.CreateDirectory(files, directory, EntryContent.None);

        // Letter case, spelling, refusals.
        volume.CreateFile(files.Child("Hello.txt"), plain, new TextContent("hello", ("Zone", "three")));
        facts["found"] = volume.Find(LayerPath.Parse("FILES/hello.TXT"))?.Path.Value;
        facts["length"] = volume.Find(LayerPath.Parse("files/hello.txt"))?.Length;
        facts["duplicate"] = RuleOf(() => volume.CreateFile(files.Child("HELLO.TXT"), plain, new TextContent("x")));
        facts["throughFile"] = RuleOf(() => volume.CreateFile(LayerPath.Parse("Files/Hello.txt/below"), plain, new TextContent("x")));
        facts["missing"] = volume.Find(LayerPath.Parse("Files/nothing/here")) is null;
        facts["root"] = volume.Find(LayerPath.Root)?.IsDirectory;

        // Content, streams and metadata come back.
        using (OpenContent content = volume.OpenRead(files.Child("hello.txt")))
        {
            facts["data"] = Text(content.Data);
            AlternateStream? stream = content.NextStream();
            facts["stream"] = stream is null ? null : $"{stream.Name}={Text(stream.Data)}";
            facts["moreStreams"] = content.NextStream() is not null;
        }

        FileMetadata secured = plain with
        {
            Security = SecurityDescriptor.FromBytes(Convert.FromBase64String(
                "AQAEgBQAAAAkAAAAAAAAADQAAAABAgAAAAAABSAAAAAgAgAAAQIAAAAAAAUgAAAAIAIAAAIAIAABAAAAAAAYAP8BHwABAgAAAAAABSAAAAAgAgAA")),
        };
        volume.CreateFile(files.Child("secured"), secured, new TextContent(new string('s', 300_000)));
        FileMetadata read = volume.ReadMetadata(files.Child("secured"));
        facts["security"] = read.Security?.Bytes.Length;
        facts["creationSet"] = read.Attributes.HasFlag(FileAttributes.Archive);

        // Links, also over a file that is there; removal of a read-only file leaves the other name alone.
        volume.CreateFile(files.Child("readonly"), plain with { Attributes = FileAttributes.ReadOnly }, new TextContent("ro"));
        volume.Link(files.Child("second"), files.Child("readonly"), volume);
        volume.Link(files.Child("second"), files.Child("Hello.txt"), volume);
        volume.Link(files.Child("third"), files.Child("readonly"), volume);
        volume.Remove(files.Child("third"));
        using (OpenContent content = volume.OpenRead(files.Child("second")))
            facts["linked"] = Text(content.Data);
        facts["names"] = string.Join(',', volume.Enumerate(files).Select(node => node.Path.Name.ToString()));
        facts["stillReadOnly"] = volume.ReadMetadata(files.Child("readonly")).Attributes.HasFlag(FileAttributes.ReadOnly);

        // A path far over 260 characters, written, found, read, removed with everything above it.
        LayerPath deep = files.Child("deep");
        volume.CreateDirectory(deep, directory, EntryContent.None);
        for (int i = 0; i < 12; i++)
        {
            deep = deep.Child($"a-directory-with-a-rather-long-name-{i}");
            volume.CreateDirectory(deep, directory, EntryContent.None);
        }

        volume.CreateFile(deep.Child("file"), plain, new TextContent("deep"));
        facts["deepLength"] = folder.Length + 1 + deep.Value.Length + 5;
        facts["deepFound"] = volume.Find(deep.Child("FILE")) is not null;
        volume.SaveCopy(deep.Child("file"), "bcd.bak");
        facts["saved"] = File.ReadAllText(Path.Join(folder, "bcd.bak"));
        volume.Remove(files.Child("DEEP"));
        facts["deepGone"] = volume.Find(files.Child("deep")) is null;
        volume.Remove(files.Child("never was"));
        volume.SetDirectoryTimes(files, FileAttributes.Directory, Times);
        volume.Complete();
        return facts;
    }

    /// <summary>A layer plants a junction and then writes, links and removes below it.</summary>
    public static Dictionary<string, object?> WriteThroughReparsePoint(string folder)
    {
        HostPrivileges.Enable();
        Directory.CreateDirectory(folder);
        using NtfsVolume volume = NtfsVolume.Open(folder);
        FileMetadata directory = new() { Attributes = FileAttributes.Directory };
        LayerPath files = LayerPath.Parse("Files");
        LayerPath junction = files.Child("junction");
        volume.CreateDirectory(files, directory, EntryContent.None);
        volume.CreateFile(files.Child("a"), new FileMetadata(), new TextContent("a"));
        volume.CreateDirectory(
            junction,
            directory with
            {
                Attributes = FileAttributes.Directory | FileAttributes.ReparsePoint,
                Reparse = ReparsePoint.FromTarget(@"C:\Windows", isMountPoint: true)
            },
            EntryContent.None);
        Dictionary<string, object?> facts = new()
        {
            ["create"] = RuleOf(() => volume.CreateFile(junction.Child("b"), new FileMetadata(), new TextContent("b"))),
            ["directory"] = RuleOf(() => volume.CreateDirectory(junction.Child("c").Child("d"), directory, EntryContent.None)),
            ["link"] = RuleOf(() => volume.Link(junction.Child("l"), files.Child("a"), volume)),
            ["target"] = RuleOf(() => volume.Link(files.Child("l"), junction.Child("system.ini"), volume)),
            ["remove"] = RuleOf(() => volume.Remove(junction.Child("system.ini"))),
            ["times"] = RuleOf(() => volume.SetDirectoryTimes(junction.Child("c"), FileAttributes.Directory, Times)),
            ["find"] = volume.Find(junction.Child("system.ini")) is not null,
            ["isReparsePoint"] = volume.Find(junction)?.IsReparsePoint,
        };
        volume.Remove(junction);
        facts["removed"] = volume.Find(junction) is null;
        return facts;
    }

    private static string? RuleOf(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (LayerRefusedException e)
        {
            return e.Rule.Name;
        }
    }

    private static string Text(Stream stream)
    {
        using StreamReader reader = new(stream, Encoding.UTF8, leaveOpen: true);
        return reader.ReadToEnd();
    }

    private sealed class TextContent(string text, params (string Name, string Text)[] streams) : EntryContent
    {
        private int _next;

        public override Stream Data { get; } = new MemoryStream(Encoding.UTF8.GetBytes(text));

        public override AlternateStream? NextStream()
        {
            if (_next == streams.Length)
                return null;
            (string name, string content) = streams[_next++];
            return new AlternateStream(name, new MemoryStream(Encoding.UTF8.GetBytes(content)));
        }
    }
}
