using System.Globalization;
using System.Text;
using WinLayers.Content;

namespace WinLayers.Tests.Hostile;

/// <summary>A tar that is made while it is read, so that its size is nobody's memory.</summary>
internal sealed class GeneratedTar(IEnumerable<byte[]> blocks) : ReadOnlyStream
{
    private readonly IEnumerator<byte[]> _blocks = blocks.Append(new byte[1024]).GetEnumerator();
    private byte[] _current = [];
    private int _position;

    /// <summary>A header of an empty member.</summary>
    public static byte[] Member(char type, string name, string link = "")
    {
        byte[] block = new byte[512];
        Encoding.UTF8.GetBytes(name, block.AsSpan(0, 100));
        "0000644\0"u8.CopyTo(block.AsSpan(100));
        "00000000000\0"u8.CopyTo(block.AsSpan(124));
        "00000000000\0"u8.CopyTo(block.AsSpan(136));
        block[156] = (byte)type;
        Encoding.UTF8.GetBytes(link, block.AsSpan(157, 100));
        "ustar\000"u8.CopyTo(block.AsSpan(257));
        int sum = 8 * ' ';
        foreach (byte value in block)
            sum += value;
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ", block.AsSpan(148));
        return block;
    }

    /// <summary>A layer of very many names: files, directories, links that lead to later links, whiteouts.</summary>
    public static IEnumerable<byte[]> Crowd(int entries, int links, int whiteouts)
    {
        string Number(int i) => i.ToString("x", CultureInfo.InvariantCulture);
        yield return Member('5', "Files");
        for (int i = 0; i < links; i++)
            yield return Member('1', $"Files/link-{Number(i)}", i == links - 1 ? "Files/file-0" : $"Files/LINK-{Number(i + 1)}");
        for (int i = 0; i < whiteouts; i++)
            yield return Member('0', $"Files/gone/.wh.{Number(i)}");
        for (int i = 0; i < entries - links - whiteouts - 1; i++)
            yield return i % 100 == 99 ? Member('5', $"Files/directory-{Number(i)}") : Member('0', $"Files/file-{Number(i)}");
    }

    public override int Read(Span<byte> buffer)
    {
        while (_position == _current.Length)
        {
            if (buffer.IsEmpty || !_blocks.MoveNext())
                return 0;
            (_current, _position) = (_blocks.Current, 0);
        }

        int count = Math.Min(buffer.Length, _current.Length - _position);
        _current.AsSpan(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(Read(buffer.Span));

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _blocks.Dispose();
        base.Dispose(disposing);
    }
}
