using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;

namespace WinLayers.Formats.Tar;

/// <summary>The records of extended headers that mean something here, as slices of the bytes they came in.</summary>
internal sealed class PaxRecords
{
    private const int KeyCount = (int)PaxKey.Reparse + 1;

    private readonly Slice?[] _known = new Slice?[KeyCount];
    private readonly List<(Slice Name, Slice Value)> _extendedAttributes = [];
    private byte[] _bytes = new byte[1024];
    private int _length;

    /// <summary>Bytes of all headers taken since the last <see cref="Clear"/>.</summary>
    public int Length => _length;

    /// <summary>Changes whenever headers are taken in, so that what was made of them can be kept.</summary>
    public int Version { get; private set; }

    /// <summary>Bytes of the <c>MSWINDOWS.xattr.…</c> records, names and values.</summary>
    public long ExtendedAttributeBytes { get; private set; }

    /// <summary>The first <c>GNU.sparse.…</c> key seen.</summary>
    public string? SparseKey { get; private set; }

    /// <summary>How many <c>MSWINDOWS.xattr.…</c> records there are, perhaps several of one name.</summary>
    public int ExtendedAttributeCount => _extendedAttributes.Count;

    public void Clear()
    {
        Array.Clear(_known);
        _extendedAttributes.Clear();
        _length = 0;
        ExtendedAttributeBytes = 0;
        Version++;
        SparseKey = null;
    }

    /// <summary>
    /// Whether there is a record of this key, perhaps with an empty value: then the value of any other source is gone, too.
    /// </summary>
    public bool Has(PaxKey key) => _known[(int)key] is not null;

    /// <summary>The value; empty where there is none.</summary>
    public ReadOnlySpan<byte> this[PaxKey key] => _known[(int)key] is { } slice ? Bytes(slice) : default;

    public (string Name, ReadOnlyMemory<byte> Value) ExtendedAttribute(int index)
    {
        (Slice name, Slice value) = _extendedAttributes[index];
        return (Encoding.UTF8.GetString(Bytes(name)), _bytes.AsMemory(value.Start, value.Length));
    }

    /// <summary>Takes in one extended header. Of two records with one key the later wins.</summary>
    /// <returns>False where the tar ends within.</returns>
    /// <exception cref="LayerRefusedException">A record is malformed.</exception>
    public bool TryTake(TarInput input, int size)
    {
        int start = _length;
        Version++;
        if (_bytes.Length < start + size)
            Array.Resize(ref _bytes, Math.Max(start + size, 2 * _bytes.Length));
        if (input.ReadFully(_bytes.AsSpan(start, size)) < size)
            return false;
        _length = start + size;
        for (int at = start; at < start + size;)
            at = ReadRecord(at, start + size);
        return true;
    }

    private int ReadRecord(int at, int end)
    {
        ReadOnlySpan<byte> rest = _bytes.AsSpan(at..end);
        // "28 mtime=1700000000.1234567\n": the length counts all of it, its own digits and the line feed.
        const int longestLength = 10;
        if (rest[0] is < (byte)'0' or > (byte)'9'
            || !Utf8Parser.TryParse(rest[..Math.Min(rest.Length, longestLength)], out int length, out int digits)
            || digits >= rest.Length
            || rest[digits] != ' '
            || length <= digits + 1
            || length > rest.Length
            || rest[length - 1] != '\n')
        {
            throw new LayerRefusedException(TarRules.PaxSyntax, $"the record at byte {at} of the extended header has no right length");
        }

        int keyStart = digits + 1;
        int keyLength = rest[keyStart..(length - 1)].IndexOf((byte)'=');
        if (keyLength <= 0)
            throw new LayerRefusedException(TarRules.PaxSyntax, $"the record at byte {at} of the extended header has no key");
        ReadOnlySpan<byte> key = rest.Slice(keyStart, keyLength);
        if (key.Contains((byte)0) || !Utf8.IsValid(key))
            throw new LayerRefusedException(TarRules.PaxSyntax, $"the key of the record at byte {at} of the extended header is no text");

        int valueStart = keyStart + keyLength + 1;
        Slice value = new(at + valueStart, length - 1 - valueStart);
        if (KnownKey(key) is { } known)
            _known[(int)known] = value;
        else if (key.StartsWith(PaxKeys.ExtendedAttributePrefix))
        {
            int prefix = PaxKeys.ExtendedAttributePrefix.Length;
            _extendedAttributes.Add((new Slice(at + keyStart + prefix, keyLength - prefix), value));
            ExtendedAttributeBytes += keyLength + value.Length;
        }
        else if (SparseKey is null && key.StartsWith(PaxKeys.SparsePrefix))
            SparseKey = Encoding.UTF8.GetString(key);
        return at + length;
    }

    private ReadOnlySpan<byte> Bytes(Slice slice) => _bytes.AsSpan(slice.Start, slice.Length);

    private static PaxKey? KnownKey(ReadOnlySpan<byte> key) => key.Length switch
    {
        4 when key.SequenceEqual(PaxKeys.Path) => PaxKey.Path,
        4 when key.SequenceEqual(PaxKeys.Size) => PaxKey.Size,
        5 when key.SequenceEqual(PaxKeys.ModificationTime) => PaxKey.ModificationTime,
        5 when key.SequenceEqual(PaxKeys.AccessTime) => PaxKey.AccessTime,
        5 when key.SequenceEqual(PaxKeys.ChangeTime) => PaxKey.ChangeTime,
        8 when key.SequenceEqual(PaxKeys.LinkPath) => PaxKey.LinkPath,
        12 when key.SequenceEqual(PaxKeys.Sddl) => PaxKey.Sddl,
        13 when key.SequenceEqual(PaxKeys.ExtendedAttributeList) => PaxKey.ExtendedAttributeList,
        15 when key.SequenceEqual(PaxKeys.RawSecurityDescriptor) => PaxKey.RawSecurityDescriptor,
        17 when key.SequenceEqual(PaxKeys.Reparse) => PaxKey.Reparse,
        18 when key.SequenceEqual(PaxKeys.FileAttributes) => PaxKey.FileAttributes,
        20 when key.SequenceEqual(PaxKeys.MountPoint) => PaxKey.MountPoint,
        23 when key.SequenceEqual(PaxKeys.CreationTime) => PaxKey.CreationTime,
        _ => null,
    };

    private readonly record struct Slice(int Start, int Length);
}
