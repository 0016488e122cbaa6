using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Oci.Registries;

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
        Description = "Speak HTTP without TLS to the one registry that is named; one on this machine is asked what it speaks",
    };

    private readonly Option<string[]> _plainHosts = new("--plain-http-host")
    {
        HelpName = "HOST",
        Description = "Speak HTTP without TLS to this registry; may be repeated",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<string[]> _tokenHosts = new("--trust-token-host")
    {
        HelpName = "HOST",
        Description = "Give a registry's credentials to its token server on this host",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<bool> _httpUrls = new("--allow-http-urls")
    {
        Description = "Follow redirects and foreign layers' URLs to HTTP without TLS",
    };

    private readonly Option<bool> _privateUrls = new("--allow-private-urls")
    {
        Description = "Follow foreign layers' URLs to private addresses",
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
        verb.Options.Add(_plainHosts);
        verb.Options.Add(_mirrors);
        verb.Options.Add(_tokenHosts);
        verb.Options.Add(_httpUrls);
        verb.Options.Add(_privateUrls);
    }

    /// <summary>What was asked for, for a run that names these registries.</summary>
    /// <param name="call">The run.</param>
    /// <param name="registries">The registries.</param>
    /// <param name="mayMakeAuthFile">Whether the file with credentials need not be there yet.</param>
    public RegistryOptions Read(Invocation call, IReadOnlyList<string> registries, bool mayMakeAuthFile = false)
    {
        string? authFile = call.Get(_authFile);
        if (authFile is not null && !mayMakeAuthFile && !File.Exists(authFile))
            throw new UsageException($"--authfile: '{authFile}' is not there");
        return new RegistryOptions
        {
            AuthFile = authFile is null ? null : Path.GetFullPath(authFile),
            UseAmbientCredentials = true,
            NamedRegistries = registries,
            PlainHttpHosts = PlainHosts(call, registries),
            TrustedTokenHosts = Hosts(call, _tokenHosts),
            AllowHttpUrls = call.Get(_httpUrls),
            AllowPrivateUrls = call.Get(_privateUrls),
            TlsCaFile = call.Get(_certificates),
            Mirrors = [.. (call.Get(_mirrors) ?? []).Select(ReadMirror)],
        };
    }

    private string[] PlainHosts(Invocation call, IReadOnlyList<string> registries)
    {
        string[] hosts = Hosts(call, _plainHosts);
        if (!call.Get(_plainHttp))
            return hosts;
        return registries.Count == 1
            ? [.. hosts, registries[0]]
            : throw new UsageException(
                $"--plain-http may be for {string.Join(" or ", registries)}; name the one that it is for with --plain-http-host");
    }

    private static string[] Hosts(Invocation call, Option<string[]> option)
    {
        string[] hosts = call.Get(option) ?? [];
        return hosts.FirstOrDefault(static h => h.AsSpan().ContainsAny('/', '@')) is { } wrong
            ? throw new UsageException($"{option.Name}: '{wrong}' is no HOST[:PORT]")
            : hosts;
    }

    private static RegistryMirror ReadMirror(string text)
    {
        try
        {
            return RegistryMirror.Parse(text);
        }
        catch (RegistryUsageException malformed)
        {
            throw new UsageException(malformed.Message);
        }
    }
}
