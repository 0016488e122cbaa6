using WinLayers.IntegrationTests.Cli;

namespace WinLayers.IntegrationTests.Registry;

/// <summary>A registry that cannot be reached is not answered for, unless that is asked for; one that refuses never is.</summary>
public sealed class CommandOfflineTests : IDisposable
{
    private readonly CommandRun _command = new();

    public void Dispose() => _command.Dispose();

    [Theory]
    [InlineData("pull")]
    [InlineData("unpack")]
    [InlineData("ls")]
    public async Task RegistryThatIsGone_IsAnsweredForOnRequestAlone(string before)
    {
        string reference;
        string listed;
        await using (RealRegistry registry = await RealRegistry.StartAsync())
        {
            reference = $"{registry.Host}/win/sample:1";
            (await _command.RunAsync("copy", "sample:", $"docker://{reference}")).ShouldSucceed();
            (await _command.RunAsync(before, reference)).ShouldSucceed();
            listed = (await _command.RunAsync("ls", reference, "-r")).ShouldSucceed().Output;
        }

        foreach (string verb in (string[])["ls", "inspect", "unpack", "verify", "lint", "platform"])
        {
            string line = (await _command.RunAsync(verb, reference)).ShouldFail();
            Assert.Contains("[WCL4006]", line, StringComparison.Ordinal);
            Assert.Contains("--offline answers from there", line, StringComparison.Ordinal);
            (await _command.RunAsync(verb, reference, "--offline")).ShouldSucceed();
        }

        CommandResult offline = await _command.RunAsync("ls", reference, "-r", "--offline");
        Assert.Equal(listed, offline.ShouldSucceed().Output);
        Assert.Contains("answered from the store", offline.Error, StringComparison.Ordinal);
        Assert.Contains("[WCL1902]",
            (await _command.RunAsync("ls", reference.Replace(":1", ":2", StringComparison.Ordinal), "--offline")).ShouldFail(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task RegistryThatRefuses_IsNeverAnsweredFor()
    {
        await using RealRegistry registry = await RealRegistry.StartAsync(hasPassword: true);
        string reference = $"{registry.Host}/win/sample:1";
        var variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["WINLAYERS_REGISTRY_USER"] = RealRegistry.User,
            ["WINLAYERS_REGISTRY_PASSWORD"] = RealRegistry.Password
        };
        (await _command.RunWithAsync(variables, "copy", "sample:", $"docker://{reference}")).ShouldSucceed();
        (await _command.RunWithAsync(variables, "unpack", reference)).ShouldSucceed();

        string unauthorized = (await _command.RunAsync("cat", reference, "License.txt")).ShouldFail();
        string missing = (await _command.RunWithAsync(variables, "cat", $"{registry.Host}/win/sample:2", "License.txt")).ShouldFail();

        Assert.Contains("[WCL4001]", unauthorized, StringComparison.Ordinal);
        Assert.Contains("[WCL4003]", missing, StringComparison.Ordinal);
        Assert.All([unauthorized, missing], line => Assert.DoesNotContain("--offline", line, StringComparison.Ordinal));
    }
}
