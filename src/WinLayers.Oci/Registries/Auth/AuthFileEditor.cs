using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using WinLayers.Formats.Text;
using WinLayers.Oci.Content;
using WinLayers.Oci.Disk;
using WinLayers.Oci.Documents;

namespace WinLayers.Oci.Registries.Auth;

/// <summary>One registry's entry in a file of docker or podman. All else in the file stays; a change is whole or not made at all.</summary>
internal sealed class AuthFileEditor
{
    private const string Auths = "auths";
    private const string DockerName = "config.json";

    // As docker writes it.
    private static readonly JsonWriterOptions Format =
        new() { Indented = true, IndentCharacter = '\t', IndentSize = 1, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly string _registry;
    private readonly byte[]? _bytes;

    private AuthFileEditor(string path, string registry, byte[]? bytes)
    {
        Path = path;
        _registry = registry;
        _bytes = bytes;
        using JsonDocument json = Parse();
        HelperName = HelperOf(json.RootElement, out bool isOwn);
        JsonElement[] entries = [.. Entries(json.RootElement).Where(IsOurs).Select(static entry => entry.Value)];
        HasRegistry = isOwn || entries.Length > 0;
        HasPlainSecret = entries.Any(static entry => entry.ValueKind == JsonValueKind.Object && entry.EnumerateObject().Any());
    }

    /// <summary>The file, as named.</summary>
    public string Path { get; }

    /// <summary>The helper that the file names for the registry; null for none.</summary>
    public string? HelperName { get; }

    /// <summary>Whether the file says anything of this very registry.</summary>
    public bool HasRegistry { get; }

    /// <summary>Whether credentials of the registry stand in the file itself.</summary>
    public bool HasPlainSecret { get; }

    /// <summary>Reads a file; one that is not there says nothing.</summary>
    /// <exception cref="CredentialStoreException">It is not what docker writes.</exception>
    public static AuthFileEditor Open(string path, string registry) => new(path, registry, Read(path));

    /// <summary>Writes the entry: the password in plain, or with null one that says that a helper has it.</summary>
    public void Save(RegistryCredential? credential) => Write(writer =>
    {
        bool isDockers = System.IO.Path.GetFileName(Path) == DockerName;
        writer.WriteStartObject(_registry == RegistryNames.DockerHub && isDockers ? RegistryNames.DockerHubKey : _registry);
        if (credential is not null)
            writer.WriteString("auth", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credential.User}:{credential.Secret}")));
        writer.WriteEndObject();
    });

    /// <summary>Takes the entry away; a file without one stays untouched.</summary>
    public void Remove()
    {
        using JsonDocument json = Parse();
        if (Entries(json.RootElement).Any(IsOurs))
            Write(static _ => { });
    }

    private static byte[]? Read(string path)
    {
        try
        {
            using FileStream file = PlainFile.OpenRead(TargetOf(path));
            return DocumentBytes.Read(file, path, AuthFile.MaxBytes);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (ManifestException tooLarge)
        {
            throw new CredentialStoreException(path, $"it is larger than {AuthFile.MaxBytes} bytes ({tooLarge.Code})");
        }
    }

    // Docker follows a link there too: people keep such files elsewhere.
    private static string TargetOf(string path) =>
        new FileInfo(path) is { LinkTarget: not null } link ? link.ResolveLinkTarget(returnFinalTarget: true)!.FullName : path;

    private JsonDocument Parse()
    {
        JsonDocument json;
        try
        {
            json = StrictJson.Parse(_bytes is null or [] ? "{}"u8.ToArray() : _bytes, allowTrailingCommas: true);
        }
        catch (JsonException e)
        {
            throw new CredentialStoreException(Path, StrictJson.Describe(e));
        }

        bool isObject = json.RootElement.ValueKind == JsonValueKind.Object;
        if (isObject && (
            !json.RootElement.TryGetProperty(Auths, out JsonElement auths)
            || auths.ValueKind is JsonValueKind.Object or JsonValueKind.Null))
            return json;
        json.Dispose();
        throw new CredentialStoreException(Path, isObject ? $"its '{Auths}' is no object" : "it is no JSON object");
    }

    private static JsonProperty[] Entries(JsonElement root) =>
        AuthFile.Section(root, Auths) is { } auths ? [.. auths.EnumerateObject()] : [];

    private bool IsOurs(JsonProperty entry) => AuthFile.Canonical(entry.Name) == _registry;

    private string? HelperOf(JsonElement root, out bool isOwn)
    {
        JsonProperty own =
            AuthFile.Section(root, "credHelpers") is { } helpers ? helpers.EnumerateObject().FirstOrDefault(IsOurs) : default;
        isOwn = own.Value.ValueKind == JsonValueKind.String;
        string? name = isOwn ? own.Value.GetString() : AuthFile.Text(root, "credsStore");
        return name is { Length: > 0 } ? name : null;
    }

    private void Write(Action<Utf8JsonWriter> writeEntry)
    {
        ArrayBufferWriter<byte> bytes = new();
        using (JsonDocument json = Parse())
        using (Utf8JsonWriter writer = new(bytes, Format))
        {
            writer.WriteStartObject();
            writer.WriteStartObject(Auths);
            foreach (JsonProperty entry in Entries(json.RootElement))
            {
                if (!IsOurs(entry))
                    entry.WriteTo(writer);
            }

            writeEntry(writer);
            writer.WriteEndObject();
            DocumentWriter.CopyProperties(writer, json.RootElement, static property => property.Name == Auths);
            writer.WriteEndObject();
        }

        Replace(bytes.WrittenSpan);
    }

    private void Replace(ReadOnlySpan<byte> bytes)
    {
        string target = System.IO.Path.GetFullPath(TargetOf(Path)), folder = System.IO.Path.GetDirectoryName(target)!;
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string temporary = $"{target}.{Guid.NewGuid():N}.tmp";
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            using (FileStream file = new(temporary, options))
            {
                file.Write(bytes);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, target, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
