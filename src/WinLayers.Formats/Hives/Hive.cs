using WinLayers.Formats.Ntfs.Security;

namespace WinLayers.Formats.Hives;

/// <summary>A registry hive: keys and values in a regf file, read where they are asked for. Not safe for several threads at once.</summary>
/// <remarks>
/// What is broken is refused where it is met, with a <see cref="LayerRefusedException"/> of <see cref="HiveRules"/>; what is whole can be
/// read around it.
/// </remarks>
public sealed class Hive : IDisposable
{
    // As Windows has it.
    internal const int MaxDepth = 512;

    private static readonly string[] LogEndings = [".LOG1", ".LOG2", ".LOG"];

    private readonly Stream _stream;
    private readonly bool _leaveOpen;
    private readonly Dictionary<uint, uint> _owners = [];
    private readonly Dictionary<uint, SecurityDescriptor> _descriptors = [];
    private readonly uint _rootCell;
    private HiveKey? _root;

    private Hive(Stream stream, IReadOnlyList<Stream> logs, bool leaveOpen)
    {
        _stream = stream;
        _leaveOpen = leaveOpen;
        HiveHeader? header = HiveHeader.TryRead(ReadHeader(stream));
        HiveLogs found = HiveLogs.Read(header, logs);
        Header = header ?? found.Header ?? throw new LayerRefusedException(HiveRules.BaseBlock, "the file does not start with 'regf'");
        // A torn base block is the log's to restore.
        HiveHeader trusted = Header.IsChecksumValid ? Header : found.Header ?? Header;
        if (trusted.MajorVersion != 1 || trusted.FileKind != 0 && trusted == Header)
        {
            throw new LayerRefusedException(
                HiveRules.BaseBlock,
                $"the base block says version {trusted.MajorVersion}.{trusted.MinorVersion} and kind {trusted.FileKind}, which is no hive");
        }

        MinorVersion = trusted.MinorVersion;
        IsLayered = trusted.IsLayered;
        _rootCell = trusted.RootCell;
        Bins = new HiveBins(stream, trusted.BinsLength);
        AppliedLogEntries = Header.IsDirty ? found.Apply(Bins) : 0;
    }

    /// <summary>The base block as the file has it, before any log.</summary>
    public HiveHeader Header { get; }

    /// <summary>Whether the file needs its logs; it stays so when they were applied in memory.</summary>
    public bool IsDirty => Header.IsDirty;

    /// <summary>Whether the hive lies over others: its keys have layer bits.</summary>
    public bool IsLayered { get; }

    /// <summary>How many entries of the logs were applied; an old log counts as one.</summary>
    public int AppliedLogEntries { get; }

    /// <summary>The key that all others lie under.</summary>
    /// <exception cref="LayerRefusedException">The hive has none.</exception>
    public HiveKey Root => _root ??= new HiveKey(this, _rootCell, parent: null);

    internal long MinorVersion { get; }

    internal HiveBins Bins { get; }

    /// <summary>Opens a file as it is, without its logs.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="LayerRefusedException">The file is no hive.</exception>
    public static Hive Open(string path) => Open(File.OpenRead(path));

    /// <summary>
    /// Opens a file with the logs that lie beside it (LOG1, LOG2, LOG); they are applied in memory where the hive is dirty.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <exception cref="LayerRefusedException">The file is no hive.</exception>
    public static Hive OpenWithLogs(string path)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "";
        string name = Path.GetFileName(path);
        List<Stream> logs = [];
        try
        {
            foreach (string file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
            {
                if (LogEndings.Any(ending => string.Equals(Path.GetFileName(file), name + ending, StringComparison.OrdinalIgnoreCase)))
                    logs.Add(File.OpenRead(file));
            }

            return Open(File.OpenRead(path), logs);
        }
        finally
        {
            foreach (Stream log in logs)
                log.Dispose();
        }
    }

    /// <summary>Opens a hive, with logs that are applied in memory where it is dirty.</summary>
    /// <param name="stream">The hive; it can seek. It is read as long as the hive is used, and disposed with it.</param>
    /// <param name="logs">The logs, in any order, of any kind, empty ones too. They are read here, and stay open.</param>
    /// <param name="leaveOpen">Whether the stream stays open.</param>
    /// <exception cref="LayerRefusedException">The stream is no hive.</exception>
    public static Hive Open(Stream stream, IReadOnlyList<Stream>? logs = null, bool leaveOpen = false)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanSeek)
            throw new ArgumentException("A hive is read where it is asked for; the stream cannot seek.", nameof(stream));
        try
        {
            return new Hive(stream, logs ?? [], leaveOpen);
        }
        catch
        {
            if (!leaveOpen)
                stream.Dispose();
            throw;
        }
    }

    /// <summary>The key at a path below the root, such as <c>Microsoft\Windows NT</c>; null where there is none.</summary>
    /// <param name="path">Names between backslashes; empty for the root.</param>
    public HiveKey? Find(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        HiveKey key = Root;
        foreach (string name in path.Split('\\', StringSplitOptions.RemoveEmptyEntries))
        {
            if (key.FindSubkey(name) is not { } subkey)
                return null;
            key = subkey;
        }

        return key;
    }

    /// <summary>Every key, a parent before its children.</summary>
    public IEnumerable<HiveKey> EnumerateKeys()
    {
        Stack<IEnumerator<HiveKey>> open = [];
        yield return Root;
        open.Push(Root.EnumerateSubkeys().GetEnumerator());
        while (open.TryPeek(out IEnumerator<HiveKey>? level))
        {
            if (!level.MoveNext())
            {
                open.Pop().Dispose();
                continue;
            }

            yield return level.Current;
            open.Push(level.Current.EnumerateSubkeys().GetEnumerator());
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_leaveOpen)
            _stream.Dispose();
    }

    /// <summary>
    /// Every key stands in one list only. So keys are a tree, whoever walks it: no cycles, and no subtree that is met again and again.
    /// </summary>
    internal void Claim(uint key, uint owner)
    {
        if (key == _rootCell || (!_owners.TryAdd(key, owner) && _owners[key] != owner))
            throw new LayerRefusedException(HiveRules.Tree, $"the key at 0x{key:x} stands under more than one key");
    }

    internal SecurityDescriptor Descriptor(uint cell)
    {
        if (!_descriptors.TryGetValue(cell, out SecurityDescriptor? descriptor))
            _descriptors.Add(cell, descriptor = HiveCells.ReadDescriptor(Bins, cell));
        return descriptor;
    }

    private static byte[] ReadHeader(Stream stream)
    {
        byte[] block = new byte[HiveHeader.SectorLength];
        stream.Position = 0;
        int read = stream.ReadAtLeast(block, block.Length, throwOnEndOfStream: false);
        return block[..read];
    }
}
