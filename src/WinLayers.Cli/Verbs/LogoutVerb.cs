using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Oci.Registries;
using WinLayers.Oci.Registries.Auth;

namespace WinLayers.Cli.Verbs;

/// <summary>Removes a registry's credentials from where docker and podman keep theirs.</summary>
internal sealed class LogoutVerb : Verb
{
    private readonly Argument<string> _registry;
    private readonly Option<string?> _authFile;

    public LogoutVerb()
        : base(
            "logout", "Remove a registry's stored credentials",
            "winlayers logout registry.example")
    {
        _registry = AddArgument("REGISTRY", "The registry: HOST[:PORT]");
        _authFile = AddOption("--authfile", "FILE", "From this file alone: a config.json of Docker or auth.json of Podman");
        AddJson();
        Remarks = "From every file that this command looks for credentials in, docker's and podman's, and\nfrom the credential helpers " +
            "that these name. Where there are none, that is said.";
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        string registry = CredentialStore.RegistryOf(call.Get(_registry));
        var options = new RegistryOptions { AuthFile = call.Get(_authFile) is { } file ? Path.GetFullPath(file) : null };
        IReadOnlyList<StoredCredential> removed =
            await new CredentialStore(options).RemoveAsync(registry, call.CancellationToken).ConfigureAwait(false);
        if (call.Output.Json)
        {
            call.Output.Document(new LogoutDocument(registry, removed), CommandJson.Default.LogoutDocument);
            return ExitCode.Done;
        }

        foreach (StoredCredential place in removed)
            call.Output.Message(
                $"logged out of {registry}: removed from " +
                    $"{(place.Helper is { } helper ? $"{helper}, which {place.File} names" : place.File)}");
        if (removed.Count == 0)
            call.Output.Message($"no credentials of {registry} are stored");
        return ExitCode.Done;
    }
}

/// <summary>What <c>logout --json</c> prints.</summary>
internal sealed record LogoutDocument(string Registry, IReadOnlyList<StoredCredential> Removed);
