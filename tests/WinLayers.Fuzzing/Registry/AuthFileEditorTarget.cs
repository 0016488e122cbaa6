using System.Text.Json;
using WinLayers.Oci.Registries;
using WinLayers.Oci.Registries.Auth;

namespace WinLayers.Fuzzing.Registry;

/// <summary>Files with credentials that a password is stored in and removed from: what others keep there stays.</summary>
internal sealed class AuthFileEditorTarget : FuzzTarget
{
    private const string Registry = "registry.example";

    private static readonly string Path = System.IO.Path.Combine(ScratchFolder.Make("auth-file-editor"), "config.json");

    public override string Name => "auth-file-editor";

    public override IReadOnlyList<byte[]> Seeds => new AuthFileTarget().Seeds;

    public override IReadOnlyList<byte[]> Words => new AuthFileTarget().Words;

    public override void Run(ReadOnlySpan<byte> input)
    {
        File.WriteAllBytes(Path, input);
        AuthFileEditor.Open(Path, Registry).Save(RegistryCredential.FromPassword("user", "password"));
        AuthFileEditor saved = AuthFileEditor.Open(Path, Registry);
        Require(saved is { HasRegistry: true, HasPlainSecret: true }, "what is saved is there");
        using (JsonDocument changed = JsonDocument.Parse(File.ReadAllBytes(Path)))
            RequireRest(input, changed.RootElement);

        saved.Remove();
        Require(!AuthFileEditor.Open(Path, Registry).HasPlainSecret, "what is removed is gone");
        using (JsonDocument changed = JsonDocument.Parse(File.ReadAllBytes(Path)))
            RequireRest(input, changed.RootElement);
    }

    private static void RequireRest(ReadOnlySpan<byte> input, JsonElement changed)
    {
        if (input.IsEmpty)
            return;
        using JsonDocument old = JsonDocument.Parse(input.ToArray(), new JsonDocumentOptions { AllowTrailingCommas = true });
        foreach (JsonProperty property in old.RootElement.EnumerateObject())
        {
            Require(property.Name == "auths"
                || (changed.TryGetProperty(property.Name, out JsonElement kept) && JsonElement.DeepEquals(property.Value, kept)),
                "what others keep beside the entries stays");
        }
    }
}
