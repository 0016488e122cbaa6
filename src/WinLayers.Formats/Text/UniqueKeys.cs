using System.Text;
using System.Text.Json;

namespace WinLayers.Formats.Text;

/// <summary>
/// Goes through the keys of one JSON object and refuses one that comes twice. Costs next to nothing as long as keys are few and different.
/// </summary>
internal ref struct UniqueKeys
{
    private readonly ReadOnlySpan<byte> _text;
    private readonly long _start;

    // A bit for each key; two keys may share one.
    private ulong _seen;
    private int _count;
    private HashSet<string>? _names;

    /// <summary>Begins with a reader that is at the start of an object.</summary>
    /// <param name="json">The reader.</param>
    /// <param name="text">What it reads.</param>
    internal UniqueKeys(scoped ref Utf8JsonReader json, ReadOnlySpan<byte> text)
    {
        _start = json.TokenStartIndex;
        _text = text;
    }

    /// <summary>The key that the reader is at, without escapes.</summary>
    internal ReadOnlySpan<byte> Key { get; private set; }

    /// <summary>
    /// Moves on to the next key, whose value follows; false at the object's end, after which nothing may follow the outermost one.
    /// </summary>
    /// <exception cref="JsonException">The key was there before, or what is there is no key.</exception>
    internal bool Next(ref Utf8JsonReader json)
    {
        json.Read();
        if (json.TokenType != JsonTokenType.PropertyName)
        {
            if (json.CurrentDepth == 0)
                json.Read();
            return false;
        }

        ReadOnlySpan<byte> key = json.ValueIsEscaped ? Encoding.UTF8.GetBytes(json.GetString()!) : json.ValueSpan;
        Key = key;
        ulong bit = 1UL << Mix(key);
        if ((_seen & bit) != 0 || _names is not null)
            Compare(ref json);
        _seen |= bit;
        _count++;
        return true;
    }

    // Such that no two keys of an entry in layer.jsonl, or of a descriptor, share a bit.
    private static int Mix(ReadOnlySpan<byte> key) => key.IsEmpty ? 0 : key[0] + (3 * (key[^1] + key.Length));

    private void Compare(ref Utf8JsonReader json)
    {
        _names ??= Earlier();
        string key = Encoding.UTF8.GetString(Key);
        if (!_names.Add(key))
            throw new DuplicateKeyException(key, _text[..(int)json.TokenStartIndex].Count((byte)'\n'));
    }

    // What was no key is not met here: the reader came by before.
    private readonly HashSet<string> Earlier()
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        Utf8JsonReader again = new(_text[(int)_start..], new JsonReaderOptions { AllowTrailingCommas = true });
        again.Read();
        for (int i = 0; i < _count; i++)
        {
            again.Read();
            names.Add(again.GetString()!);
            again.Read();
            again.Skip();
        }

        return names;
    }
}

/// <summary>A key comes twice in one object.</summary>
internal sealed class DuplicateKeyException(string key, long line)
    : JsonException($"it has the key '{key}' twice", path: null, line, bytePositionInLine: null);
