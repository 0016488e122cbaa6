using Microsoft.Win32.SafeHandles;
using WinLayers.Formats.Ntfs;
using WinLayers.Oci.Disk;

namespace WinLayers.Tests.Portable;

/// <summary>A folder of a file system that has no hard links, or a file with as many as it can have.</summary>
internal sealed class LinklessFolder(HostFolder folder) : HostFolder
{
    public override string Location => folder.Location;

    public override HostFolder OpenFolder(string name) => new LinklessFolder(folder.OpenFolder(name));

    public override bool TryMakeFolder(string name) => folder.TryMakeFolder(name);

    public override SafeFileHandle? TryMakeFile(string name) => folder.TryMakeFile(name);

    public override SafeFileHandle OpenFile(string name) => folder.OpenFile(name);

    public override bool TryLink(HostFolder from, string fromName, string name) => false;

    public override bool TryMakeSymbolicLink(string name, string target) => folder.TryMakeSymbolicLink(name, target);

    public override void Rename(string name, HostFolder into, string newName) => folder.Rename(name, Inner(into), newName);

    public override void RemoveFile(string name) => folder.RemoveFile(name);

    public override void RemoveFolder(string name) => folder.RemoveFolder(name);

    public override HostItem? Find(string name) => folder.Find(name);

    public override List<string> List() => folder.List();

    public override void SetOwnTimes(FileTimes times) => folder.SetOwnTimes(times);

    public override void SetTimes(SafeFileHandle file, FileTimes times) => folder.SetTimes(file, times);

    public override void Sync() => folder.Sync();

    public override void SyncFileSystem() => folder.SyncFileSystem();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            folder.Dispose();
    }

    private static HostFolder Inner(HostFolder other) => other is LinklessFolder linkless ? linkless.Folder : other;

    private HostFolder Folder => folder;
}
