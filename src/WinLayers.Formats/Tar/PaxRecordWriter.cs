using System.Buffers;
using System.Globalization;
using System.Text;
using WinLayers.Formats.Ntfs;

namespace WinLayers.Formats.Tar;

/// <summary>Gathers the records of one extended header and lays them out sorted by key.</summary>
internal sealed class PaxRecordWriter
{
    private readonly List<(string Key, string Value)> _records = [];
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public void Add(ReadOnlySpan<byte> key, string value) => Add(Encoding.UTF8.GetString(key), value);

    public void Add(string key, string value) => _records.Add((key, value));

    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => Add(key, Convert.ToBase64String(value));

    public void Add(ReadOnlySpan<byte> key, FileTime time)
    {
        Span<byte> text = stackalloc byte[PaxTime.MaxText];
        Add(key, Encoding.ASCII.GetString(text[..PaxTime.Format(time, text)]));
    }

    /// <summary>The header's bytes, and an empty writer again. Valid until the next call.</summary>
    public ReadOnlySpan<byte> Take()
    {
        _bytes.ResetWrittenCount();
        _records.Sort(static (left, right) => string.CompareOrdinal(left.Key, right.Key));
        foreach ((string key, string value) in _records)
            Write(key, value);
        _records.Clear();
        return _bytes.WrittenSpan;
    }

    private void Write(string key, string value)
    {
        // The length counts its own digits, so one more digit may make it need one more.
        int rest = Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(value) + " =\n".Length;
        int length = rest + Digits(rest);
        length = rest + Digits(length);
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{length} {key}={value}\n"), _bytes);
    }

    private static int Digits(int number) => number.ToString(CultureInfo.InvariantCulture).Length;
}
