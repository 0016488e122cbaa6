using System.Globalization;
using System.Text;
using WinLayers.Formats.IO;

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

    /// <summary>
    /// Files and opaque markers below a root: many markers of one directory, of directories in each other, each with files of its own,
    /// and of directories that the layer has nothing in. Without markers, a layer to lie below: the same names, and as many files again.
    /// </summary>
    public static IEnumerable<byte[]> Opaque(string root, int files, int markers)
    {
        const int depth = 32;
        string Number(int i) => i.ToString("x", CultureInfo.InvariantCulture);
        string[] nested = [.. Enumerable.Range(1, depth).Select(i => $"{root}{string.Concat(Enumerable.Repeat("/n", i))}")];
        yield return Member('5', root);
        yield return Member('5', $"{root}/d");
        foreach (string directory in nested)
            yield return Member('5', directory);
        for (int i = 0; i < files; i++)
            yield return Member('0', $"{(i % 2 == 0 ? $"{root}/d" : nested[i / 2 % depth])}/{(markers == 0 ? "old" : "new")}-{Number(i)}");
        // The innermost first, so that no marker comes after the one that says all it says.
        for (int i = 0; i < markers; i++)
            yield return Member('0',
                $"{(i % 3) switch { 0 => $"{root}/d", 1 => nested[depth - 1 - (i / 3 % depth)], _ => $"{root}/w-{Number(i)}" }}/.wh..wh..opq");
        for (int i = 2; markers == 0 && i < files; i += 3)
            yield return Member('0', $"{root}/w-{Number(i)}/old");
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

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(Read(buffer.Span));

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _blocks.Dispose();
        base.Dispose(disposing);
    }
}
