using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using WinLayers.Formats.Ntfs.Backup;
using WinLayers.Formats.Tar;
using WinLayers.Volumes;

namespace WinLayers.Windows.Volumes;

/// <summary>
/// Data and alternate streams of an open file. The data is read from the file itself, which gives sparse files their zeros back;
/// the alternate streams come from its backup stream.
/// </summary>
[SupportedOSPlatform("windows")]
internal sealed class NtfsContent : OpenContent
{
    private readonly Func<SafeFileHandle> _openForBackup;
    private readonly string _path;
    private readonly Stream _data;
    private readonly SafeFileHandle _file;
    private BackupReadStream? _backup;
    private BackupStreamReader? _reader;

    internal NtfsContent(SafeFileHandle file, bool isDirectory, Func<SafeFileHandle> openForBackup, string path)
    {
        _file = file;
        _openForBackup = openForBackup;
        _path = path;
        _data = isDirectory ? Stream.Null : new FileStream(file, FileAccess.Read, bufferSize: 0, isAsync: false);
    }

    public override Stream Data => _data;

    public override AlternateStream? NextStream()
    {
        _backup ??= new BackupReadStream(_openForBackup(), _path);
        _reader ??= new BackupStreamReader(_backup);
        while (_reader.ReadNext() is { } record)
        {
            if (record is { Kind: BackupRecordKind.AlternateData, AlternateName: { } name })
                return new AlternateStream(name, record.Body);
        }

        return null;
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        _backup?.Dispose();
        _data.Dispose();
        _file.Dispose();
    }
}
