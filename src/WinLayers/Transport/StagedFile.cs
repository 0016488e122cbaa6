using System.Buffers.Binary;
using WinLayers.Formats;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Ntfs.Backup;
using WinLayers.Formats.Tar;
using WinLayers.Volumes;

namespace WinLayers.Transport;

/// <summary>
/// A file of a transport folder, <c>[attributes u32][backup stream]</c>: gone through once for what it holds, then read by ranges, so
/// that the
/// order of its records does not matter.
/// </summary>
internal sealed class StagedFile : OpenContent
{
    private const uint SparseAttribute = 8;

    private readonly Stream _file;
    private readonly List<(string Name, Extent Where)> _streams = [];
    private readonly List<Extent> _data = [];
    private int _nextStream;

    /// <summary>Reads the file's records; owns the file, also when it throws.</summary>
    /// <exception cref="LayerRefusedException">It is no staged file.</exception>
    internal StagedFile(Stream file, FileTimes times)
    {
        _file = file;
        try
        {
            Metadata = ReadIndex(times);
            long length = _data.Count == 0 ? 0 : _data.Max(extent => extent.Offset + extent.Length);
            Data = new ExtentStream(file, _data, length);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>What header and records say; the times are those of the staged file.</summary>
    internal FileMetadata Metadata { get; }

    public override Stream Data { get; }

    public override AlternateStream? NextStream()
    {
        if (_nextStream == _streams.Count)
            return null;
        (string name, Extent where) = _streams[_nextStream++];
        return new AlternateStream(name, new ExtentStream(_file, [where], where.Length));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _file.Dispose();
    }

    private FileMetadata ReadIndex(FileTimes times)
    {
        Span<byte> attributes = stackalloc byte[sizeof(uint)];
        if (_file.ReadAtLeast(attributes, attributes.Length, throwOnEndOfStream: false) < attributes.Length)
            throw new LayerRefusedException(ExportRules.Frame, "the file ends before its attributes do");
        FileMetadata metadata = new() { Attributes = (FileAttributes)BinaryPrimitives.ReadUInt32LittleEndian(attributes), Times = times };
        BackupStreamReader reader = new(_file);
        while (reader.ReadNext() is { } record)
        {
            switch (record.Kind)
            {
                case BackupRecordKind.Data when (record.Header.Attributes & SparseAttribute) == 0:
                    _data.Add(new Extent(0, _file.Position, record.Length));
                    break;
                case BackupRecordKind.SparseBlock:
                    // One without bytes marks the end of the file.
                    _data.Add(new Extent(record.SparseOffset!.Value, _file.Position, record.Length));
                    break;
                case BackupRecordKind.AlternateData:
                    _streams.Add((record.AlternateName!, new Extent(0, _file.Position, record.Length)));
                    break;
                default:
                    metadata = record.AddTo(metadata);
                    break;
            }
        }

        return metadata;
    }
}
