using System.Text;
using System.Text.Json.Nodes;
using WinLayers.Oci.Registries;
using WinLayers.Oci.Registries.Auth;
using WinLayers.Oci.Registries.Client;
using WinLayers.Testing.Registries;

namespace WinLayers.Oci.Tests.Registries;

public sealed class CredentialStoreTests : IDisposable
{
    private const string Registry = "registry.example.com";
    private const string Secret = "correct-horse";

    private readonly string _home = Directory.CreateTempSubdirectory("winlayers-login-").FullName;
    private readonly Dictionary<string, string> _environment = [];

    public CredentialStoreTests() => _environment["HOME"] = _home;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static RegistryCredential Alice => RegistryCredential.FromPassword("alice", Secret);

    private string Docker => Path.Combine(_home, ".docker", "config.json");

    private string Podman => Path.Combine(_home, ".config", "containers", "auth.json");

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Theory]
    [InlineData("registry.example.com", "registry.example.com")]
    [InlineData("Registry.Example.com:5000", "registry.example.com:5000")]
    [InlineData("https://registry.example.com/v2/", "registry.example.com")]
    [InlineData("index.docker.io", "docker.io")]
    [InlineData("https://index.docker.io/v1/", "docker.io")]
    public void RegistryOf_ReadsWhatPeopleWrite(string text, string expected) => Assert.Equal(expected, CredentialStore.RegistryOf(text));

    [Theory]
    [InlineData("")]
    [InlineData("registry.example.com/team")]
    [InlineData("docker://registry.example.com")]
    [InlineData("alice@registry.example.com")]
    public void RegistryOf_WhatIsNoRegistry_IsRefused(string text) =>
        Assert.Equal("WCL4009", Assert.Throws<RegistryUsageException>(() => CredentialStore.RegistryOf(text)).Code);

    [Fact]
    public async Task Save_WithoutAnyFile_MakesDockersForItsOwnerAlone()
    {
        StoredCredential stored = await Store().SaveAsync(Registry, Alice, Token);

        Assert.Equal(new StoredCredential(Docker, Helper: null), stored);
        Assert.Equal("{\"auths\":{\"" + Registry + "\":{\"auth\":\"" + Pair("alice") + "\"}}}", Compact(Docker));
        Assert.Equal("alice", (await FindAsync())?.User);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Docker));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
                File.GetUnixFileMode(Path.GetDirectoryName(Docker)!));
        }

        Assert.Equal([Docker], Directory.GetFiles(Path.GetDirectoryName(Docker)!));
    }

    [Fact]
    public async Task Save_LeavesAllElseAsItIs_AndReplacesEveryKeyOfTheRegistry()
    {
        Write(Docker, $$$"""{"HttpHeaders":{"a":"b"},"auths":{"https://{{{Registry}}}/v1/":{"auth":"b2xkOm9sZA=="},"other.example":{"auth":"eDp5","x":[1.0]},"{{{Registry}}}/team":{"auth":"dDp0"} },"plugins":{"é":null}}""");

        await Store().SaveAsync(Registry, Alice, Token);

        Assert.Equal(
            JsonNode.Parse($$$"""{"HttpHeaders":{"a":"b"},"auths":{"other.example":{"auth":"eDp5","x":[1.0]},"{{{Registry}}}/team":{"auth":"dDp0"},"{{{Registry}}}":{"auth":"{{{Pair("alice")}}}"} },"plugins":{"é":null}}""")!.ToJsonString(),
            Reordered(Docker, "HttpHeaders", "auths", "plugins"));
    }

    [Fact]
    public async Task Save_ForDockerHub_UsesTheKeyThatEachToolReads()
    {
        await Store().SaveAsync("docker.io", Alice, Token);
        Assert.Contains("\"https://index.docker.io/v1/\"", await File.ReadAllTextAsync(Docker, Token), StringComparison.Ordinal);

        File.Delete(Docker);
        _environment["REGISTRY_AUTH_FILE"] = Path.Combine(_home, "auth.json");
        await Store().SaveAsync("docker.io", Alice, Token);
        Assert.Contains("\"docker.io\"", await File.ReadAllTextAsync(Path.Combine(_home, "auth.json"), Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Save_WhereAFileHasTheRegistry_GoesThereSoThatItIsFound()
    {
        Write(Docker, """{"auths":{} }""");
        Write(Podman, $$$"""{"auths":{"{{{Registry}}}":{"auth":"b2xkOm9sZA=="} }}""");

        Assert.Equal(Podman, (await Store().SaveAsync(Registry, Alice, Token)).File);

        Assert.Equal("alice", (await FindAsync())?.User);
        Assert.Equal("""{"auths":{} }""", await File.ReadAllTextAsync(Docker, Token));
    }

    [Fact]
    public async Task Save_WithANamedFile_TouchesNoOther()
    {
        string named = Path.Combine(_home, "mine.json");

        Assert.Equal(named, (await Store(named).SaveAsync(Registry, Alice, Token)).File);

        Assert.False(File.Exists(Docker));
        Assert.True(File.Exists(named));
    }

    [Fact]
    public async Task Save_WithAHelper_GivesItThePassword_AndKeepsNoneInTheFile()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The helper is a script.");
        WriteHelper("box", """
            case "$1" in
              store) cat > "$HOME_OF_BOX/kept" ;;
              get) cat > /dev/null; [ -f "$HOME_OF_BOX/kept" ] && printf '{"ServerURL":"x","Username":"alice","Secret":"correct-horse"}' || { echo "credentials not found in native keychain"; exit 1; } ;;
              erase) cat > "$HOME_OF_BOX/erased"; rm -f "$HOME_OF_BOX/kept" ;;
            esac
            """);
        Write(Docker, $$$"""{"credsStore":"box","auths":{"{{{Registry}}}":{"auth":"b2xkOm9sZA=="} }}""");

        StoredCredential stored = await Store().SaveAsync(Registry, Alice, Token);

        Assert.Equal(new StoredCredential(Docker, "docker-credential-box"), stored);
        Assert.Equal($$"""{"ServerURL":"{{Registry}}","Username":"alice","Secret":"{{Secret}}"}""",
            await File.ReadAllTextAsync(Path.Combine(_home, "kept"), Token));
        Assert.Equal("{\"auths\":{\"" + Registry + "\":{}},\"credsStore\":\"box\"}", Compact(Docker));
        Assert.Equal("alice", (await FindAsync())?.User);

        Assert.Equal([stored], await Store().RemoveAsync(Registry, Token));

        Assert.Equal(Registry, await File.ReadAllTextAsync(Path.Combine(_home, "erased"), Token));
        Assert.Equal("""{"auths":{},"credsStore":"box"}""", Compact(Docker));
        Assert.Empty(await Store().RemoveAsync(Registry, Token));
    }

    [Theory]
    [InlineData("exit 3", "failed with exit code 3")]
    [InlineData(null, "is not on PATH")]
    public async Task Save_WhereTheHelperFails_StoresNothingInPlain(string? script, string why)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The helper is a script.");
        if (script is not null)
            WriteHelper("box", $"cat > /dev/null; {script}");
        Write(Docker, """{"credsStore":"box"}""");

        CredentialStoreException failed =
            await Assert.ThrowsAsync<CredentialStoreException>(() => Store().SaveAsync(Registry, Alice, Token));

        Assert.Equal(("WCL4011", Docker), (failed.Code, failed.Place));
        Assert.Contains(why, failed.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, failed.ToString(), StringComparison.Ordinal);
        Assert.Equal("""{"credsStore":"box"}""", await File.ReadAllTextAsync(Docker, Token));
    }

    [Theory]
    [InlineData("evil")]
    [InlineData("[]")]
    [InlineData("""{"auths":[]}""")]
    [InlineData("""{"auths":{},"auths":{} }""")]
    public async Task Save_IntoWhatIsNoSuchFile_ChangesNothing(string text)
    {
        Write(Docker, text);

        Assert.Equal("WCL4011", (await Assert.ThrowsAsync<CredentialStoreException>(() => Store().SaveAsync(Registry, Alice, Token))).Code);

        Assert.Equal(text, await File.ReadAllTextAsync(Docker, Token));
        Assert.Equal([Docker], Directory.GetFiles(Path.GetDirectoryName(Docker)!));
    }

    [Fact]
    public async Task Save_ThroughALink_WritesWhereItLeads()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Symbolic links need a privilege on Windows.");
        string elsewhere = Path.Combine(_home, "dotfiles.json");
        await File.WriteAllTextAsync(elsewhere, "{}", Token);
        Directory.CreateDirectory(Path.GetDirectoryName(Docker)!);
        File.CreateSymbolicLink(Docker, elsewhere);

        await Store().SaveAsync(Registry, Alice, Token);

        Assert.Equal(elsewhere, new FileInfo(Docker).LinkTarget);
        Assert.Contains(Registry, await File.ReadAllTextAsync(elsewhere, Token), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a:b")]
    public async Task Save_UserThatSuchFilesCannotHold_IsRefused(string user) =>
        await Assert.ThrowsAsync<RegistryUsageException>(
            () => Store().SaveAsync(Registry, RegistryCredential.FromPassword(user, Secret), Token));

    [Fact]
    public async Task Remove_TakesTheRegistryOutOfEveryFile_AndOthersStay()
    {
        Write(Docker, $$$"""{"auths":{"{{{Registry}}}":{"auth":"b2xkOm9sZA=="},"other.example":{"auth":"eDp5"} }}""");
        Write(Podman, $$$"""{"auths":{"{{{Registry}}}":{"auth":"b2xkOm9sZA=="} }}""");

        IReadOnlyList<StoredCredential> removed = await Store().RemoveAsync($"https://{Registry}/", Token);

        Assert.Equal([Podman, Docker], removed.Select(place => place.File));
        Assert.Equal("""{"auths":{"other.example":{"auth":"eDp5"}}}""", Compact(Docker));
        Assert.Equal("""{"auths":{}}""", Compact(Podman));
        Assert.Null(await FindAsync());
        Assert.Empty(await Store().RemoveAsync(Registry, Token));
    }

    [Fact]
    public async Task Check_GoodCredentials_AreTaken_AndBadOnesRefusedThoughAnonymousWouldDo()
    {
        var script = new TokenScript { AllowsAnonymous = true, ChallengeScope = null };
        using var client = new RegistryClient(RegistryTesting.Quick with { HttpMessageHandler = script.Handler });

        Assert.True(await client.CheckCredentialAsync(Registry, RegistryCredential.FromPassword(TokenScript.User, TokenScript.Password),
            Token));
        RegistryAuthenticationException refused = await Assert.ThrowsAsync<RegistryAuthenticationException>(
            () => client.CheckCredentialAsync(Registry, RegistryCredential.FromPassword(TokenScript.User, "wrong-word"), Token));

        Assert.StartsWith($"Cannot log in ({Registry}): ", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-word", refused.ToString(), StringComparison.Ordinal);
        Assert.Equal("https://auth.example.com/token?service=registry.example.com&account=alice", script.TokenRequests[0].AbsoluteUri);
    }

    [Fact]
    public async Task Check_TokenServerElsewhere_IsNotGivenThem()
    {
        var script = new TokenScript { AllowsAnonymous = true, Realm = "https://auth.elsewhere.net/token" };
        using var client = new RegistryClient(RegistryTesting.Quick with { HttpMessageHandler = script.Handler });

        RegistryAuthenticationException refused = await Assert.ThrowsAsync<RegistryAuthenticationException>(
            () => client.CheckCredentialAsync(Registry, RegistryCredential.FromPassword(TokenScript.User, TokenScript.Password), Token));

        Assert.True(refused.IsTokenHostUntrusted);
        Assert.DoesNotContain(TokenScript.PasswordHeader, script.Handler.SentOutside(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_RegistryThatAsksNobody_TellsThatItDidNotLook()
    {
        var handler = new ScriptedHandler((_, _) => ScriptedHandler.Reply(200, "{}"));
        using var client = new RegistryClient(RegistryTesting.Quick with { HttpMessageHandler = handler });

        Assert.False(await client.CheckCredentialAsync(Registry, Alice, Token));
        Assert.DoesNotContain("Authorization", Assert.Single(handler.Sent).Everything, StringComparison.Ordinal);
    }

    private static string Pair(string user) => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{Secret}"));

    private static string Compact(string file) => JsonNode.Parse(File.ReadAllText(file))!.ToJsonString();

    // The order of a file's properties means nothing.
    private static string Reordered(string file, params string[] names)
    {
        JsonObject json = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        return new JsonObject(names.Select(name => KeyValuePair.Create(name, json[name]?.DeepClone()))).ToJsonString();
    }

    private static void Write(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    private void WriteHelper(string name, string script)
    {
        string folder = Path.Combine(_home, "bin"), file = Path.Combine(folder, "docker-credential-" + name);
        Write(file, $"#!/bin/sh\nHOME_OF_BOX='{_home}'\n{script}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _environment["PATH"] = folder;
    }

    private RegistryOptions Options(string? authFile = null) => new()
    {
        UseAmbientCredentials = true,
        AuthFile = authFile,
        HelperTimeout = TimeSpan.FromMinutes(5),
        EnvironmentVariable = name => _environment.GetValueOrDefault(name),
    };

    private CredentialStore Store(string? authFile = null) => new(Options(authFile));

    private async Task<RegistryCredential?> FindAsync()
    {
        var search = new CredentialSearch(Options(), new CredentialHelper(Options()),
            Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        var endpoint = new RegistryEndpoint { Name = Registry, Origin = new Uri($"https://{Registry}") };
        return (await search.FindAsync(endpoint, "app", Token)).Credential;
    }
}
