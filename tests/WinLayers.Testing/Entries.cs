using System.Text;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Tar;

namespace WinLayers.Testing;

/// <summary>Entries as a tar reader gives them, built by hand.</summary>
internal static class Entries
{
    private static readonly FileTimes Times = FileTimes.All(FileTime.FromUnix(1_700_000_000));

    internal static LayerEntry Directory(string name) =>
        Make(LayerEntryKind.Directory, name, new FileMetadata { Attributes = FileAttributes.Directory, Times = Times });

    internal static LayerEntry Junction(string name) =>
        Make(LayerEntryKind.Directory, name, JunctionMetadata);

    internal static LayerEntry File(string name, string text = "", params (string Name, string Text)[] streams) =>
        Make(LayerEntryKind.File, name, new FileMetadata { Attributes = FileAttributes.Archive, Times = Times },
            new TextContent(text, streams));

    internal static LayerEntry Link(string name, string target) =>
        Make(LayerEntryKind.HardLink, name, new FileMetadata(), target: target);

    internal static LayerEntry Whiteout(string name) => Make(LayerEntryKind.Whiteout, name, new FileMetadata());

    internal static LayerEntry Opaque(string directory) => Make(LayerEntryKind.OpaqueDirectory, directory, new FileMetadata());

    internal static FileMetadata JunctionMetadata => new()
    {
        Attributes = FileAttributes.Directory | FileAttributes.ReparsePoint,
        Times = Times,
        Reparse = ReparsePoint.FromBuffer(MountPoint),
    };

    private static LayerEntry Make(LayerEntryKind kind, string name, FileMetadata metadata, EntryContent? content = null,
        string? target = null) => new()
        {
            Kind = kind,
            Path = LayerPath.Parse(name),
            TarName = name,
            Metadata = metadata,
            Content = content ?? EntryContent.None,
            LinkTarget = target is null ? default : LayerPath.Parse(target),
        };

    // Tag, data length, reserved; substitute name C:\x and print name, both empty but for their NULs' worth of structure.
    private static ReadOnlySpan<byte> MountPoint =>
        [0x03, 0x00, 0x00, 0xA0, 0x0C, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00];

    internal sealed class TextContent(string text, (string Name, string Text)[] streams) : EntryContent
    {
        private int _next;

        public override Stream Data { get; } = new MemoryStream(Encoding.UTF8.GetBytes(text));

        public override AlternateStream? NextStream() =>
            _next == streams.Length ? null
                : new AlternateStream(streams[_next].Name, new MemoryStream(Encoding.UTF8.GetBytes(streams[_next++].Text)));
    }
}
