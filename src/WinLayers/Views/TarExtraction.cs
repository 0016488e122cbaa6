using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Tar;

namespace WinLayers.Views;

/// <summary>An extraction to a plain tar that any system's tools read: contents, names, links, read-only and times.</summary>
internal sealed class TarExtraction(
    MergedView view, LayerPath top, Stream tar, ExtractOptions options, IProgress<long>? progress, CancellationToken cancellationToken)
    : Extraction(view, top, options, progress, cancellationToken)
{
    private const int FolderMode = 0x1ED; // 0755
    private const int FileMode = 0x1A4; // 0644
    private const int ReadOnlyMode = 0x124; // 0444
    private const int LinkMode = 0x1FF; // 0777, as every system shows them

    private readonly TarMemberWriter _tar = new(tar);

    protected override void WriteFolder(MergedEntry folder) =>
        _tar.WriteHeaders(TarTypes.Directory, folder.Path.ToTarName() + "/", "", FolderMode, size: 0, TimeOf(folder));

    protected override void WriteFile(MergedEntry file, Stream content)
    {
        _tar.WriteHeaders(TarTypes.File, file.Path.ToTarName(), "", ModeOf(file), file.Size, TimeOf(file));
        _tar.WriteBody(content, file.Size);
    }

    protected override void WriteName(MergedEntry file, MergedEntry first) =>
        _tar.WriteHeaders(TarTypes.HardLink, file.Path.ToTarName(), first.Path.ToTarName(), ModeOf(file), size: 0, TimeOf(file));

    protected override bool WriteLink(MergedEntry link, string target)
    {
        _tar.WriteHeaders(TarTypes.SymbolicLink, link.Path.ToTarName(), target, LinkMode, size: 0, TimeOf(link));
        return true;
    }

    protected override void Finish(IEnumerable<MergedEntry> folders) => _tar.WriteEnd();

    protected override void Dispose(bool disposing)
    {
        _tar.Dispose();
        base.Dispose(disposing);
    }

    private static int ModeOf(MergedEntry file) =>
        file.Metadata.Attributes.HasFlag(FileAttributes.ReadOnly) ? ReadOnlyMode : FileMode;

    // What has no time gets the one that tars have for it; a negative one would be warned of by every reader.
    private static FileTime TimeOf(MergedEntry entry) =>
        entry.Metadata.Times.Write is { Ticks: > 0 } time ? time : FileTime.FromUnix(0);
}
