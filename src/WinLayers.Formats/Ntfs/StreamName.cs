using WinLayers.Formats.Names;
using WinLayers.Formats.Text;

namespace WinLayers.Formats.Ntfs;

/// <summary>
/// Names of alternate streams. Ours are bare (<c>Zone.Identifier</c>); a backup stream's have the type with them
/// (<c>:Zone.Identifier:$DATA</c>).
/// </summary>
public static class StreamName
{
    private const string DataType = ":$DATA";

    /// <summary>A backup record's name for a bare name.</summary>
    /// <exception cref="LayerRefusedException">The bare name is none that NTFS takes.</exception>
    public static string ToRecordName(string name)
    {
        Check(name);
        return $":{name}{DataType}";
    }

    /// <summary>The bare name in a backup record's name.</summary>
    /// <exception cref="LayerRefusedException">The record's name has another form, or NTFS would not take the bare name.</exception>
    public static string FromRecordName(string recordName)
    {
        if (recordName.Length < 1 + DataType.Length || recordName[0] != ':'
            || !NtfsNames.Equal(recordName.AsSpan(recordName.Length - DataType.Length), DataType))
            throw new LayerRefusedException(NtfsRules.StreamName,
                $"the stream record's name '{SafeText.Excerpt(recordName)}' is not of the form ':name:$DATA'");
        string name = recordName[1..^DataType.Length];
        Check(name);
        return name;
    }

    /// <summary>Refuses a bare name that NTFS would not take.</summary>
    /// <exception cref="LayerRefusedException">The name is empty or too long, or holds <c>:</c>, a separator or NUL.</exception>
    public static void Check(ReadOnlySpan<char> name)
    {
        if (name.Length is 0 or > LayerPath.MaxComponent)
            throw new LayerRefusedException(NtfsRules.StreamName, $"a stream's name has {name.Length} UTF-16 units");
        if (name.IndexOfAny(":/\\\0") is >= 0 and var at)
            throw new LayerRefusedException(NtfsRules.StreamName, $"a stream's name holds the character U+{(int)name[at]:X4}");
    }
}
