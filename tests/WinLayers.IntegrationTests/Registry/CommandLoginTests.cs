using System.Text.Json;
using System.Text.Json.Nodes;
using WinLayers.IntegrationTests.Cli;
using WinLayers.IntegrationTests.Testing;

namespace WinLayers.IntegrationTests.Registry;

/// <summary>Logging in to a registry that wants a password; skopeo reads what is stored, and the other way round.</summary>
public sealed class CommandLoginTests : IAsyncLifetime
{
    private readonly CommandRun _command = new();
    private RealRegistry _registry = null!;

    private string Config => Path.Combine(_command["home"], "config.json");

    public async ValueTask InitializeAsync() => _registry = await RealRegistry.StartAsync(hasPassword: true);

    public async ValueTask DisposeAsync()
    {
        _command.Dispose();
        await _registry.DisposeAsync();
    }

    [Fact]
    public async Task Login_LetsEveryVerbIn_AndLogoutShutsThemOut()
    {
        string skopeo = ExternalTool.Require("skopeo");
        string reference = $"{_registry.Host}/win/sample:1";
        Assert.Contains("winlayers login", (await _command.RunAsync("copy", "sample:", reference, "-q")).ShouldFail(),
            StringComparison.Ordinal);

        CommandResult login = await LoginAsync(RealRegistry.Password, "--json");

        JsonElement document = login.Json;
        Assert.Equal((_registry.Host, RealRegistry.User, Config, true), (document.GetProperty("registry").GetString(),
            document.GetProperty("user").GetString(), document.GetProperty("file").GetString(),
                document.GetProperty("isChecked").GetBoolean()));
        Assert.False(document.TryGetProperty("helper", out _));
        CommandResult again = (await LoginAsync(RealRegistry.Password)).ShouldSucceed();
        Assert.Single(again.ErrorLines,
            line => line.StartsWith("warning: ", StringComparison.Ordinal) && line.Contains("not encrypted", StringComparison.Ordinal));
        Assert.DoesNotContain(RealRegistry.Password, login.Output + login.Error + again.Error, StringComparison.Ordinal);
        (await _command.RunAsync("copy", "sample:", reference)).ShouldSucceed();
        Assert.Equal(["1"], (await _command.RunAsync("tags", $"{_registry.Host}/win/sample")).ShouldSucceed().OutputLines);
        await ToolProcess.RunAsync(skopeo, "inspect", "--raw", "--tls-verify=false", "--authfile", Config, $"docker://{reference}");

        JsonElement removed = (await _command.RunAsync("logout", _registry.Host, "--json")).Json.GetProperty("removed");
        Assert.Equal(Config, Assert.Single(removed.EnumerateArray().ToArray()).GetProperty("file").GetString());
        Assert.Contains("[WCL4001]", (await _command.RunAsync("inspect", reference)).ShouldFail(), StringComparison.Ordinal);
        Assert.Contains("no credentials of", (await _command.RunAsync("logout", _registry.Host)).ShouldSucceed().Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logout_RemovesWhatSkopeoStored()
    {
        string skopeo = ExternalTool.Require("skopeo");
        string file = _command["auth.json"];
        await ToolProcess.RunAsync(skopeo, "login", "--tls-verify=false", "--authfile", file, "-u", RealRegistry.User, "-p",
            RealRegistry.Password,
            _registry.Host);

        (await _command.RunAsync("logout", _registry.Host, "--authfile", file)).ShouldSucceed();

        Assert.Equal("{\"auths\":{}}",
            JsonNode.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken))!.ToJsonString());
    }

    [Fact]
    public async Task Login_WithAWrongPassword_StoresNothing()
    {
        string line = (await LoginAsync("not-the-password")).ShouldFail();

        Assert.Contains("[WCL4001]. Check the user's name and the password", line, StringComparison.Ordinal);
        Assert.DoesNotContain("not-the-password", line, StringComparison.Ordinal);
        Assert.False(File.Exists(Config));
    }

    [Fact]
    public async Task Login_ToARegistryThatAsksNobody_SaysSo()
    {
        await using RealRegistry open = await RealRegistry.StartAsync();

        CommandResult login = await LoginAsync("any", open.Host);

        Assert.Contains("these were not checked", login.ShouldSucceed().Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Login_WithoutAWayToThePassword_IsWrongUsage()
    {
        Assert.Contains("--password-stdin", (await _command.RunAsync("login", _registry.Host, "-u", "alice")).ShouldBeWrongUsage(),
            StringComparison.Ordinal);
        Assert.Contains("add --username", (await _command.RunAsync("login", _registry.Host, "--password-stdin")).ShouldBeWrongUsage(),
            StringComparison.Ordinal);
        Assert.Contains("holds no password",
            (await _command.RunAsync("login", _registry.Host, "-u", "alice", "--password-stdin")).ShouldBeWrongUsage(),
                StringComparison.Ordinal);
        CommandResult wrong = await _command.RunAsync("login", "host/team", "-u", "alice", "--password-stdin");
        Assert.Equal(2, wrong.ExitCode);
        Assert.Contains("[WCL4009]", wrong.Error, StringComparison.Ordinal);
    }

    private Task<CommandResult> LoginAsync(string password, params string[] more)
    {
        string host = more is [var other, ..] && !other.StartsWith('-') ? other : _registry.Host;
        return _command.RunWithInputAsync(password + "\n",
            ["login", host, "-u", RealRegistry.User, "--password-stdin", .. more.Where(word => word.StartsWith('-'))]);
    }
}
