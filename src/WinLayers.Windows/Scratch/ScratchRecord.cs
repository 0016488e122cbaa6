using System.Text.Json;
using System.Text.Json.Serialization;
using WinLayers.Formats.Text;
using WinLayers.Volumes;
using WinLayers.Windows.Errors;

namespace WinLayers.Windows.Scratch;

/// <summary>
/// How a scratch layer was made, kept in its folder (<c>scratch.json</c>), so that whoever mounts, unmounts or removes it need not
/// know. A folder without one is a sandbox, of this library or of another program.
/// </summary>
internal sealed record ScratchRecord
{
    internal const string FileName = LayerFolderNames.ScratchRecord;

    private const string FormatOne = "winlayers.scratch/1";

    // A few dozen bytes as it is written; whatever is much longer is something else.
    private const int LongestFile = 64 << 10;

    public string? Format { get; init; } = FormatOne;

    public required ScratchMethod Method { get; init; }

    /// <summary>Whether the layer's disk still has to be initialized, which happens when it is mounted for the first time.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsFresh { get; init; }

    internal void Write(string folder)
    {
        // Written whole under another name: a folder with half a record could be neither mounted nor removed.
        string file = Path.Join(folder, FileName), temporary = file + ".tmp";
        File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(this, ScratchRecordContext.Default.ScratchRecord));
        File.Move(temporary, file, overwrite: true);
    }

    /// <summary>Reads the folder's record.</summary>
    /// <exception cref="HostStateException">There is one, and it cannot be understood.</exception>
    internal static ScratchRecord Read(string folder)
    {
        FileInfo file = new(Path.Join(folder, FileName));
        if (!file.Exists)
            return new ScratchRecord { Method = ScratchMethod.Sandbox };
        if (file.Length > LongestFile)
            throw HostStateException.UnknownScratch(file.FullName, innerException: null);
        try
        {
            ScratchRecord? record = StrictJson.Deserialize(File.ReadAllBytes(file.FullName), ScratchRecordContext.Default.ScratchRecord);
            // A number stands for a method too, also one that there is none of.
            return record is { Format: FormatOne }
                && Enum.IsDefined(record.Method) ? record : throw HostStateException.UnknownScratch(file.FullName, innerException: null);
        }
        catch (JsonException e)
        {
            throw HostStateException.UnknownScratch(file.FullName, e);
        }
    }
}

[JsonSerializable(typeof(ScratchRecord))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
internal sealed partial class ScratchRecordContext : JsonSerializerContext;
