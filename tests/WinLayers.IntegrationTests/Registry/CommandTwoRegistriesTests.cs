using WinLayers.IntegrationTests.Cli;

namespace WinLayers.IntegrationTests.Registry;

/// <summary>A run that names two registries: what is meant for one must not reach the other.</summary>
public sealed class CommandTwoRegistriesTests : IDisposable
{
    private readonly CommandRun _command = new();

    public void Dispose() => _command.Dispose();

    [Theory]
    [InlineData(null)]
    [InlineData("source")]
    [InlineData("target")]
    public async Task Copy_EnvironmentsCredentials_ReachTheirOwnerAlone(string? owner)
    {
        using LoopbackServer source = Asking();
        using LoopbackServer target = Asking();
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["WINLAYERS_REGISTRY_USER"] = "alice",
            ["WINLAYERS_REGISTRY_PASSWORD"] = "for-one-alone",
        };
        if (owner is not null)
            environment["WINLAYERS_REGISTRY_HOST"] = owner == "source" ? source.Host : target.Host;

        string sourceRun =
            (await _command.RunWithAsync(new(environment), "copy", $"docker://{source.Host}/a:1", $"docker://{target.Host}/b:1"))
            .ShouldFail();
        string targetRun = (await _command.RunWithAsync(new(environment), "copy", "sample:", $"docker://{target.Host}/b:1")).ShouldFail();

        Assert.Contains("[WCL4001]", sourceRun, StringComparison.Ordinal);
        Assert.Contains("[WCL4001]", targetRun, StringComparison.Ordinal);
        Assert.Equal(owner == "source", source.WasGivenCredentials);
        Assert.Equal(owner != "source", target.WasGivenCredentials); // Alone in its run it is the owner where no other is named.
        if (owner is null)
            Assert.Contains($"$WINLAYERS_REGISTRY_USER: may be for {source.Host} or {target.Host}; $WINLAYERS_REGISTRY_HOST says",
                sourceRun, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PlainHttp_WithTwoRegistries_IsRefusedBeforeAnybodyIsAsked()
    {
        using LoopbackServer source = Asking();
        using LoopbackServer target = Asking();

        CommandResult result =
            await _command.RunAsync("copy", $"docker://{source.Host}/a:1", $"docker://{target.Host}/b:1", "--plain-http");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--plain-http-host", result.Error, StringComparison.Ordinal);
        Assert.Equal(0, source.Requests.Count + target.Requests.Count);
    }

    [Fact]
    public async Task PlainHttpHost_OfAnotherRegistry_LeavesTlsAlone()
    {
        // A name that is no loopback address leads through the proxy, which sees how it is spoken to.
        using LoopbackServer proxy = Asking();
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["HTTP_PROXY"] = $"http://{proxy.Host}",
            ["http_proxy"] = $"http://{proxy.Host}",
            ["HTTPS_PROXY"] = $"http://{proxy.Host}",
            ["https_proxy"] = $"http://{proxy.Host}",
            ["NO_PROXY"] = "",
            ["no_proxy"] = "",
        };

        (await _command.RunWithAsync(new(environment), "copy", "docker://secure.invalid/a:1", "docker://plain.invalid:5000/b:1",
            "--plain-http-host", "plain.invalid:5000", "--quiet")).ShouldFail();
        Assert.All(proxy.Requests, static r => Assert.StartsWith("CONNECT secure.invalid:443", r.Head, StringComparison.Ordinal));
        Assert.NotEmpty(proxy.Requests);
        proxy.Requests.Clear();
        (await _command.RunWithAsync(new(environment), "inspect", "docker://plain.invalid:5000/b:1", "--plain-http", "--quiet"))
            .ShouldFail();
        Assert.All(proxy.Requests, static r => Assert.StartsWith("http://plain.invalid:5000/v2/", r.Target, StringComparison.Ordinal));
        Assert.NotEmpty(proxy.Requests);
    }

    [Fact]
    public async Task Mirror_ThatFails_IsSaidUnlessQuiet()
    {
        using LoopbackServer origin = Asking();
        string[] arguments = ["inspect", $"docker://{origin.Host}/a:1", "--mirror", "http://127.0.0.1:1"];

        CommandResult told = await _command.RunAsync(arguments);
        CommandResult quiet = await _command.RunAsync([.. arguments, "--quiet"]);

        Assert.Equal(2, told.ErrorLines.Length);
        Assert.Contains("The mirror 127.0.0.1:1 did not help", told.ErrorLines[0], StringComparison.Ordinal);
        Assert.Single(quiet.ErrorLines);
    }

    private static LoopbackServer Asking() => new(static _ => new LoopbackAnswer(401, ("WWW-Authenticate", "Basic realm=\"test\"")));
}
