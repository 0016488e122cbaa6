using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using WinLayers.IntegrationTests.Cli;
using WinLayers.Oci.Documents;

namespace WinLayers.IntegrationTests.Registry;

/// <summary>Registries that want a password, have a certificate of their own, or stand in for others.</summary>
public sealed class CommandAccessTests : IDisposable
{
    private readonly CommandRun _command = new();

    public void Dispose() => _command.Dispose();

    [Fact]
    public async Task Password_FromVariablesOrAFile_AndRefusalsNameWhatWasTried()
    {
        await using RealRegistry registry = await RealRegistry.StartAsync(hasPassword: true);
        string reference = $"{registry.Host}/win/sample:1";

        string none = (await _command.RunAsync("copy", "--quiet", "sample:", reference)).ShouldFail();
        Assert.Contains("[WCL4001]. Log in with", none, StringComparison.Ordinal);
        Assert.Contains(_command["home"], none, StringComparison.Ordinal);

        string wrong = (await _command.RunWithAsync(Variables("not-the-password"), "copy", "--quiet", "sample:", reference)).ShouldFail();
        Assert.Contains("[WCL4001]", wrong, StringComparison.Ordinal);
        Assert.Contains("[WCL4001]. Correct WINLAYERS_REGISTRY_USER and WINLAYERS_REGISTRY_PASSWORD, or unset them", wrong,
            StringComparison.Ordinal);

        (await _command.RunWithAsync(Variables(RealRegistry.Password), "copy", "sample:", reference)).ShouldSucceed();

        string good = WriteAuthFile("good.json", registry, RealRegistry.Password), bad =
            WriteAuthFile("bad.json", registry, "not-the-password");
        Assert.True((await _command.RunAsync("unpack", reference, "--authfile", good, "--json")).Json.TryGetProperty("chain", out _));
        CommandResult refused = await _command.RunAsync("inspect", reference, "--authfile", bad, "--verbose");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains(bad, refused.Error, StringComparison.Ordinal);
        Assert.All(new[] { wrong, none, refused.Error }, text =>
        {
            Assert.DoesNotContain("not-the-password", text, StringComparison.Ordinal);
            Assert.DoesNotContain(Basic("not-the-password"), text, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Tls_OwnAuthority_IsTrustedWhenNamed()
    {
        await using RealRegistry registry = await RealRegistry.StartAsync(hasTls: true);
        string reference = $"{registry.Host}/win/sample:1";

        (await _command.RunAsync("copy", "sample:", reference, "--tls-ca", registry.CaFile!)).ShouldSucceed();
        (await _command.RunAsync("unpack", reference, "--tls-ca", registry.CaFile!)).ShouldSucceed();

        string stranger = (await _command.RunAsync("inspect", reference)).ShouldFail();
        Assert.Contains("TLS certificate", stranger, StringComparison.Ordinal);
        Assert.Contains("--tls-ca", stranger, StringComparison.Ordinal);
        string plain = (await _command.RunAsync("inspect", reference, "--plain-http")).ShouldFail();
        Assert.Contains("400 Bad Request", plain, StringComparison.Ordinal);
        Assert.Contains("[WCL4009]", (await _command.RunAsync("inspect", reference, "--tls-ca", _command["none.pem"])).Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mirror_WithItsForeignLayers_ServesAMachineThatReachesNobodyElse()
    {
        await using RealRegistry upstream = await RealRegistry.StartAsync();
        await using RealRegistry mirror = await RealRegistry.StartAsync();
        var image = new SmallImage(mediaType: MediaTypes.OciForeignLayer + "+gzip", url: "https://layers.invalid/base");
        image.WriteLayout(_command["layout"], "1");
        string layout = $"oci:{_command["layout"]}:1", there = $"{upstream.Host}/windows/base:1", here = $"{mirror.Host}/windows/base:1";
        (await _command.RunAsync("copy", layout, there, "--include-foreign")).ShouldSucceed();

        JsonElement without = (await _command.RunAsync("copy", there, $"{mirror.Host}/thin/base:1", "--json")).Json;
        Assert.Equal([$"{image.Layer.Digest}"], without.GetProperty("leftOut").EnumerateArray().Select(d => d.GetString()));
        JsonElement included = (await _command.RunAsync("copy", there, here, "--include-foreign", "--json")).Json;
        Assert.Equal($"{image.Manifest.Digest}", included.GetProperty("digest").GetString());
        Assert.Empty(included.GetProperty("leftOut").EnumerateArray());
        CommandResult plain =
            (await _command.RunAsync("copy", there, $"{mirror.Host}/plain/base:1", "--normalize-foreign")).ShouldSucceed();
        Assert.Contains($"the digest changed from {image.Manifest.Digest}", plain.Error, StringComparison.Ordinal);
        Assert.NotEqual($"{image.Manifest.Digest}", Assert.Single(plain.OutputLines));
        JsonElement normalized =
            (await _command.RunAsync("inspect", $"{mirror.Host}/plain/base:1", "--json")).Json.GetProperty("layers")[0];
        Assert.False(normalized.GetProperty("isForeign").GetBoolean());
        Assert.Equal($"{image.Layer.Digest}", normalized.GetProperty("digest").GetString());

        // Whoever is not on this machine is asked through the proxy: nobody is.
        await upstream.DisposeAsync();
        using var proxy = new TcpListener(IPAddress.Loopback, 0);
        proxy.Start();
        string url = $"http://127.0.0.1:{((IPEndPoint)proxy.LocalEndpoint).Port}";
        var isolated = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["HTTPS_PROXY"] = url,
            ["https_proxy"] = url,
            ["HTTP_PROXY"] = url,
            ["http_proxy"] = url,
            ["NO_PROXY"] = "127.0.0.1",
            ["no_proxy"] = "127.0.0.1",
        };
        CommandResult pulled =
            await _command.RunWithAsync(isolated, "pull", "docker://mcr.invalid/windows/base:1", "--mirror",
            $"mcr.invalid=http://{mirror.Host}");

        Assert.Equal($"{image.Manifest.Digest}", Assert.Single(pulled.ShouldSucceed().OutputLines));
        Assert.Equal(image.LayerBytes,
            await File.ReadAllBytesAsync(Path.Combine(_command.Store, "blobs", "sha256", image.Layer.Digest.Hex),
            TestContext.Current.CancellationToken));
        Assert.False(proxy.Pending());
    }

    [Theory]
    [InlineData("no-such-host.invalid/app:1", "its host name is not known", "Check the registry's name and port")]
    [InlineData("127.0.0.1:1/app:1", "it refuses the connection", "Check the registry's name and port")]
    public async Task Unreachable_IsOneLineWithAHint(string reference, string problem, string hint)
    {
        string line =
            (await _command.RunWithAsync(new(StringComparer.Ordinal) { ["NO_PROXY"] = "*", ["no_proxy"] = "*" }, "inspect", reference))
            .ShouldFail();

        Assert.Contains($"{problem} [WCL4006]. {hint}", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MisspeltTransport_IsNamed()
    {
        CommandResult result = await _command.RunAsync("inspect", "dokcer://localhost/app");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("the transport 'dokcer://' is none of docker://", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    private static Dictionary<string, string> Variables(string password) =>
        new(StringComparer.Ordinal) { ["WINLAYERS_REGISTRY_USER"] = RealRegistry.User, ["WINLAYERS_REGISTRY_PASSWORD"] = password };

    private static string Basic(string password) => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{RealRegistry.User}:{password}"));

    private string WriteAuthFile(string name, RealRegistry registry, string password)
    {
        File.WriteAllText(_command[name], $$"""{"auths":{"{{registry.Host}}":{"auth":"{{Basic(password)}}"} } }""");
        return _command[name];
    }
}
