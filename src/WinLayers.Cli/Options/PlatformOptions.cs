using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Oci.Platforms;

namespace WinLayers.Cli.Options;

/// <summary>
/// Options that choose among an index's images. On Windows the host itself is the default; elsewhere the newest image is.
/// </summary>
internal sealed class PlatformOptions
{
    private const string ProcessIsolation = "process";
    private const string HyperVIsolation = "hyperv";
    private const string Windows = "windows";

    private readonly Option<string?> _platform = new("--platform")
    {
        HelpName = "OS/ARCH[:VERSION]",
        Description = "Take this platform, such as windows/amd64:10.0.20348",
    };

    private readonly Option<string?> _architecture =
        new("--arch") { HelpName = "ARCH", Description = "Take this architecture: amd64 or arm64" };

    private readonly Option<string?> _osVersion = new("--os-version")
    {
        HelpName = "VERSION",
        Description = "Take the image whose Windows version starts so: 10.0.17763",
    };

    private readonly Option<string?> _host = new("--host")
    {
        HelpName = "VERSION",
        Description = "Take what this host runs: 10.0.20348, 20348 or ltsc2022",
    };

    private readonly Option<string?> _isolation = new("--isolation")
    {
        HelpName = "KIND",
        Description = "How it shall run on the host: process or hyperv",
    };

    public PlatformOptions(Command verb)
    {
        _isolation.AcceptOnlyFromAmong(ProcessIsolation, HyperVIsolation);
        verb.Options.Add(_platform);
        verb.Options.Add(_architecture);
        verb.Options.Add(_osVersion);
        verb.Options.Add(_host);
        verb.Options.Add(_isolation);
    }

    /// <summary>What was asked for; null where nothing was, so that a single image is taken whatever it is.</summary>
    public PlatformRequest? ReadOrNull(Invocation call) =>
        NamedIn(call) is not null || OperatingSystem.IsWindows() ? Read(call) : null;

    /// <summary>The first of the options that was given; null where none was.</summary>
    public string? NamedIn(Invocation call) =>
        new[] { _platform, _architecture, _osVersion, _host, _isolation }.FirstOrDefault(option => call.Get(option) is not null)?.Name;

    public PlatformRequest Read(Invocation call)
    {
        PlatformRequest request = call.Get(_platform) is { } platform ? PlatformRequest.Parse(platform) : PlatformRequest.Default;
        bool hasPlatform = call.Get(_platform) is not null;
        if (call.Get(_architecture) is { } architecture)
        {
            if (hasPlatform && !string.Equals(architecture, request.Architecture, StringComparison.OrdinalIgnoreCase))
                throw Contradiction(call, _architecture, architecture);
            request = request with { Architecture = architecture };
        }

        if (call.Get(_osVersion) is { } version)
        {
            if (request.OsVersion is { } named && !AgreesWith(named, version))
                throw Contradiction(call, _osVersion, version);
            request = request with { OsVersion = request.OsVersion?.Length > version.Length ? request.OsVersion : version };
        }

        if (request.Os != Windows && call.Get(_host) is { } other)
            throw Contradiction(call, _host, other);
        if (call.Get(_host) is { } host)
            request = request with { Host = ReadHost(host) };
        else if (OperatingSystem.IsWindows() && request.OsVersion is null && request.Os == Windows)
            request = request with { Host = ThisHost() };
        if (call.Get(_isolation) is { } isolation)
        {
            if (request.Host is null)
                throw new UsageException("--isolation says how to run on a host: add --host");
            request = request with { Isolation = isolation == HyperVIsolation ? ContainerIsolation.HyperV : ContainerIsolation.Process };
        }

        return request;
    }

    private UsageException Contradiction(Invocation call, Option<string?> option, string value) =>
        new($"--platform {call.Get(_platform)} and {option.Name} {value} contradict each other");

    // One is the start of the other, in whole parts.
    private static bool AgreesWith(string one, string other) =>
        $"{one.TrimEnd('.')}.".StartsWith($"{other.TrimEnd('.')}.", StringComparison.Ordinal)
        || $"{other.TrimEnd('.')}.".StartsWith($"{one.TrimEnd('.')}.", StringComparison.Ordinal);

    private static WindowsVersion ReadHost(string text) =>
        WindowsVersion.TryParseName(text, out WindowsVersion version)
            ? version
            : throw new UsageException($"--host takes a Windows version such as 10.0.20348, 20348 or ltsc2022, not '{text}'");

    private static WindowsVersion ThisHost()
    {
        Version version = Environment.OSVersion.Version;
        return new WindowsVersion(version.Major, version.Minor, version.Build, Math.Max(version.Revision, 0));
    }
}
