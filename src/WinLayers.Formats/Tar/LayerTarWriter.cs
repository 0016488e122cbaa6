using System.Globalization;
using System.Text;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;

namespace WinLayers.Formats.Tar;

/// <summary>
/// Writes a layer's tar in the reference's dialect. The bytes depend on the entries alone, so that equal layers have equal digests.
/// Synchronous; not for use by several threads at once.
/// </summary>
/// <remarks>
/// What the reference's dialect cannot say is added as zlayer's <c>MSWINDOWS.reparse</c> and <c>MSWINDOWS.eas</c>: reparse points that
/// are no link or whose names do not follow from the target, and extended attributes with flags. Nothing is lost in a round trip.
/// </remarks>
public sealed class LayerTarWriter : IDisposable
{
    private const int DirectoryMode = 0x4000; // 0040000, as the reference has it: no permissions, Windows has others
    private const int FileMode = 0x8000; // 0100000
    private const int LinkMode = 0xA000; // 0120000
    private const string WhiteoutPrefix = ".wh.";
    private const string OpaqueMarker = ".wh..wh..opq";

    private readonly Stream _tar;
    private readonly bool _leaveOpen;
    private readonly TarMemberWriter _output;
    private bool _complete;

    /// <summary>Writes a tar from where the stream stands.</summary>
    /// <param name="tar">Takes the uncompressed tar; need not seek.</param>
    /// <param name="leaveOpen">Whether the stream stays open when the writer is disposed.</param>
    public LayerTarWriter(Stream tar, bool leaveOpen = true)
    {
        ArgumentNullException.ThrowIfNull(tar);
        _tar = tar;
        _leaveOpen = leaveOpen;
        _output = new TarMemberWriter(tar);
    }

    /// <summary>Bytes of the tar written so far; some may still be in the writer's buffer until <see cref="Complete"/>.</summary>
    public long Position => _output.Position;

    /// <summary>
    /// Writes an entry under its path's name, with its data and alternate streams read to their ends. Of whiteouts and opaque
    /// markers the path alone is written, of hard links also attributes and times.
    /// </summary>
    /// <exception cref="LayerRefusedException">A tar has no form for the entry's name, because it would read as a whiteout.</exception>
    /// <exception cref="EndOfStreamException">A stream is shorter than its length; the tar is spoilt.</exception>
    public void Write(LayerEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (_complete)
            throw new InvalidOperationException("The tar is complete.");
        switch (entry.Kind)
        {
            case LayerEntryKind.File or LayerEntryKind.Directory:
                WriteNode(entry);
                break;
            case LayerEntryKind.HardLink:
                WriteHardLink(entry);
                break;
            case LayerEntryKind.Whiteout:
                RefuseWhiteoutName(entry.Path);
                WriteMarker(NameIn(entry.Path.Parent, WhiteoutPrefix + entry.Path.Name.ToString()));
                break;
            case LayerEntryKind.OpaqueDirectory:
                WriteMarker(NameIn(entry.Path, OpaqueMarker));
                break;
            default:
                throw new ArgumentException($"An entry of kind {entry.Kind} cannot be written.", nameof(entry));
        }
    }

    /// <summary>Ends the archive and flushes. Without it the tar is not whole, which every reader notices that wants its end.</summary>
    public void Complete()
    {
        if (_complete)
            return;
        _output.WriteEnd();
        _complete = true;
    }

    /// <summary>Gives back the buffer. It does not complete the tar: a half-written one must not look whole.</summary>
    public void Dispose()
    {
        _output.Dispose();
        if (!_leaveOpen)
            _tar.Dispose();
    }

    private void WriteNode(LayerEntry entry)
    {
        RefuseWhiteoutName(entry.Path);
        FileMetadata metadata = entry.Metadata;
        bool isDirectory = entry.Kind == LayerEntryKind.Directory;
        if (!isDirectory && metadata.Attributes.HasFlag(FileAttributes.Directory))
            throw new ArgumentException($"The file '{entry.Path}' has a directory's attributes.", nameof(entry));
        long size = entry.Content.Data.Length;
        if (isDirectory && size > 0)
            throw new ArgumentException($"The directory '{entry.Path}' has data.", nameof(entry));

        string? linkTarget = size == 0 && metadata.Reparse is { } reparse ? LinkTargetOf(reparse, isDirectory) : null;
        FileAttributes attributes = isDirectory ? metadata.Attributes | FileAttributes.Directory : metadata.Attributes;
        AddBasic(attributes, metadata.Times);
        if (metadata.Security is { } security)
            _output.Records.Add(PaxKeys.RawSecurityDescriptor, security.Bytes.Span);
        if (metadata.ExtendedAttributes is { } extendedAttributes)
            AddExtendedAttributes(extendedAttributes);
        if (metadata.Reparse is { } point)
            AddReparse(point, linkTarget);

        string name = entry.Path.ToTarName();
        int mode = (isDirectory ? DirectoryMode : FileMode) | (metadata.Reparse is null ? 0 : LinkMode);
        byte type = linkTarget is not null ? TarTypes.SymbolicLink : isDirectory ? TarTypes.Directory : TarTypes.File;
        _output.WriteHeaders(type, name, linkTarget ?? "", mode, size, metadata.Times.Write);
        _output.WriteBody(entry.Content.Data, size);
        while (entry.Content.NextStream() is { } stream)
            WriteStream($"{name}:{stream.Name}", mode, metadata.Times, stream.Data);
    }

    // Mode and times only, as the reference has it: all else belongs to the file.
    private void WriteStream(string name, int mode, FileTimes times, Stream data)
    {
        _output.Records.Add(PaxKeys.AccessTime, times.Access);
        _output.Records.Add(PaxKeys.ChangeTime, times.Change);
        _output.WriteHeaders(TarTypes.File, name, linkName: "", mode, data.Length, times.Write);
        _output.WriteBody(data, data.Length);
    }

    private void WriteHardLink(LayerEntry entry)
    {
        RefuseWhiteoutName(entry.Path);
        AddBasic(entry.Metadata.Attributes, entry.Metadata.Times);
        _output.WriteHeaders(TarTypes.HardLink, entry.Path.ToTarName(), entry.LinkTarget.ToTarName(), mode: 0, size: 0,
            entry.Metadata.Times.Write);
    }

    // Without records where ustar has room for the name: the reference gives tombstones no metadata at all.
    private void WriteMarker(string name)
    {
        Span<byte> block = stackalloc byte[TarHeader.BlockSize];
        TarHeaderWriter.Write(block, TarTypes.File, name, linkName: "", mode: 0, size: 0, unixSeconds: 0);
        if (TarHeaderWriter.FitsName(name) || TarHeaderWriter.TryWriteSplit(block, name))
            _output.WriteBlock(block);
        else
            _output.WriteHeaders(TarTypes.File, name, linkName: "", mode: 0, size: 0, FileTime.FromUnix(0));
    }

    private void AddBasic(FileAttributes attributes, FileTimes times)
    {
        _output.Records.Add(PaxKeys.FileAttributes, ((uint)attributes).ToString(CultureInfo.InvariantCulture));
        _output.Records.Add(PaxKeys.CreationTime, times.Creation);
        _output.Records.Add(PaxKeys.AccessTime, times.Access);
        _output.Records.Add(PaxKeys.ChangeTime, times.Change);
    }

    private void AddExtendedAttributes(ExtendedAttributes attributes)
    {
        // A record has neither flags nor an order, and its key ends at the first '='.
        bool plain = attributes.Items.All(static item => item.Flags == 0 && !item.Name.Contains('=', StringComparison.Ordinal))
            && attributes.Items.Select(static item => item.Name).Distinct(StringComparer.Ordinal).Count() == attributes.Items.Count
            && ExtendedAttributes.FromItems(attributes.Items).Equals(attributes);
        if (!plain)
        {
            _output.Records.Add(PaxKeys.ExtendedAttributeList, attributes.List.Span);
            return;
        }

        string prefix = Encoding.UTF8.GetString(PaxKeys.ExtendedAttributePrefix);
        foreach (ExtendedAttribute item in attributes.Items)
            _output.Records.Add(prefix + item.Name, Convert.ToBase64String(item.Value.Span));
    }

    private void AddReparse(ReparsePoint reparse, string? linkTarget)
    {
        if (linkTarget is not null && reparse.IsMountPoint)
            _output.Records.Add(PaxKeys.MountPoint, "1");
        if (linkTarget is null || !ReparsePoint.FromTarget(linkTarget, reparse.IsMountPoint).Equals(reparse))
            _output.Records.Add(PaxKeys.Reparse, reparse.Buffer.Span);
    }

    // The target to write as a symbolic link's; null where the reparse point is no link or its target is no text.
    private static string? LinkTargetOf(ReparsePoint reparse, bool isDirectory)
    {
        if (!reparse.IsSymbolicLink && !(reparse.IsMountPoint && isDirectory))
            return null;
        string target = reparse.PrintName;
        bool isText = target.Length > 0 && !target.Contains('\0', StringComparison.Ordinal) && IsWellFormed(target);
        return isText ? target : null;
    }

    private static bool IsWellFormed(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && !(char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[++i])))
                return false;
        }

        return true;
    }

    private static string NameIn(LayerPath directory, string name) =>
        directory.IsRoot ? name : $"{directory.ToTarName()}/{name}";

    private static void RefuseWhiteoutName(LayerPath path)
    {
        if (path.IsRoot)
            throw new ArgumentException("The layer's root is no entry.", nameof(path));
        foreach (Range component in path.Components)
        {
            if (path.Value.AsSpan(component).StartsWith(WhiteoutPrefix, StringComparison.Ordinal))
                throw new LayerRefusedException(TarRules.Whiteout, $"the name '{path}' would read as a whiteout").At(path.ToTarName());
        }
    }
}
