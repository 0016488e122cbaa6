using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Inputs;
using WinLayers.Cli.Options;
using WinLayers.Cli.Terminal;
using WinLayers.Oci.Registries;
using WinLayers.Oci.Registries.Auth;
using WinLayers.Oci.Registries.Client;

namespace WinLayers.Cli.Verbs;

/// <summary>Stores a registry's credentials where docker and podman keep theirs.</summary>
internal sealed class LoginVerb : Verb
{
    private readonly Argument<string> _registry;
    private readonly Option<string?> _user;
    private readonly Option<bool> _standardInput;
    private readonly RegistryFlags _flags;

    public LoginVerb()
        : base(
            "login", "Store credentials for a registry, once it takes them",
            "winlayers login registry.example",
            "winlayers login registry.example -u alice --password-stdin < password.txt")
    {
        _registry = AddArgument("REGISTRY", "The registry: HOST[:PORT]");
        _user = AddOption("--username", "USER", "Who logs in; else asked for on a terminal");
        _user.Aliases.Add("-u");
        _standardInput = AddFlag("--password-stdin", "Read the password from standard input; else it is asked for");
        _flags = new RegistryFlags(this);
        AddJson();
        Remarks = "They go to the file that has the registry already, else to $REGISTRY_AUTH_FILE, else to\ndocker's config.json, and " +
            "to the credential helper that the file names. Without a helper\nthe password stands in the " +
                "file, readable for whoever reads the file.";
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        string registry = CredentialStore.RegistryOf(call.Get(_registry));
        RegistryOptions options = _flags.Read(call, [registry], mayMakeAuthFile: true);
        (string user, string password) = await ReadAsync(call).ConfigureAwait(false);
        var credential = RegistryCredential.FromPassword(user, password);
        using var client = new RegistryClient(options, new DetailLogger<RegistryClient>(call.Output));
        bool isChecked = await client.CheckCredentialAsync(registry, credential, call.CancellationToken).ConfigureAwait(false);
        StoredCredential stored =
            await new CredentialStore(options).SaveAsync(registry, credential, call.CancellationToken).ConfigureAwait(false);
        if (!isChecked)
            call.Output.Message($"{registry} asks nobody for credentials here: these were not checked");
        call.Output.Message($"logged in to {registry} as {user}; {(stored.Helper ?? stored.File)} keeps the password");
        if (stored.Helper is null)
            call.Output.Message(
                $"warning: in {stored.File} the password is not encrypted; a credential helper, named " +
                    "there as credsStore, would keep it safer");
        if (call.Output.Json)
            call.Output.Document(new LoginDocument(registry, user, stored.File, stored.Helper, isChecked),
                CommandJson.Default.LoginDocument);
        return ExitCode.Done;
    }

    private async Task<(string User, string Password)> ReadAsync(Invocation call)
    {
        string? user = call.Get(_user);
        if (call.Get(_standardInput))
        {
            return user is { Length: > 0 }
                ? (user, await PasswordInput.ReadAsync(call.CancellationToken).ConfigureAwait(false))
                : throw new UsageException("--password-stdin gives the password alone: add --username");
        }

        if (Console.IsInputRedirected)
            throw new UsageException("there is no terminal to ask for a password: pipe it in with --password-stdin");
        if (user is null)
        {
            Console.Error.Write("Username: ");
            user = Console.In.ReadLine() ?? "";
        }

        return (user, PasswordInput.Ask());
    }
}

/// <summary>What <c>login --json</c> prints.</summary>
internal sealed record LoginDocument(string Registry, string User, string File, string? Helper, bool IsChecked);
