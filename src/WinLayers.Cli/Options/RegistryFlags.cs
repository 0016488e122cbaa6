using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Sources.Registry;

namespace WinLayers.Cli.Options;

/// <summary>How registries are spoken to.</summary>
internal sealed class RegistryFlags
{
    private readonly Option<string?> _authFile = new("--authfile")
    {
        HelpName = "FILE",
        Description = "Credentials: a config.json of Docker or auth.json of Podman",
    };

    private readonly Option<string?> _certificates = new("--tls-ca")
    {
        HelpName = "FILE",
        Description = "Trust these certificate authorities (PEM) too",
    };

    private readonly Option<bool> _plainHttp = new("--plain-http")
    {
        Description = "Speak HTTP without TLS; for a registry on this machine that is found out",
    };

    private readonly Option<string[]> _mirrors = new("--mirror")
    {
        HelpName = "[HOST=]URL",
        Description = "Ask this place first, for HOST or every registry; may be repeated",
        Arity = ArgumentArity.OneOrMore,
    };

    public RegistryFlags(Command verb)
    {
        verb.Options.Add(_authFile);
        verb.Options.Add(_certificates);
        verb.Options.Add(_plainHttp);
        verb.Options.Add(_mirrors);
    }

    public RegistryOptions Read(Invocation call)
    {
        string? authFile = call.Get(_authFile);
        if (authFile is not null && !File.Exists(authFile))
            throw new UsageException($"--authfile: '{authFile}' is not there");
        return new RegistryOptions
        {
            AuthFile = authFile is null ? null : Path.GetFullPath(authFile),
            PlainHttp = call.Get(_plainHttp) ? true : null,
            TlsCaFile = call.Get(_certificates),
            Mirrors = [.. (call.Get(_mirrors) ?? []).Select(ReadMirror)],
        };
    }

    private static RegistryMirror ReadMirror(string text)
    {
        try
        {
            return RegistryMirror.Parse(text);
        }
        catch (FormatException malformed)
        {
            throw new UsageException(malformed.Message);
        }
    }
}
