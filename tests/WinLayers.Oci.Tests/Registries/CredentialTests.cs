using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using WinLayers.Oci.Registries;
using WinLayers.Oci.Registries.Auth;
using WinLayers.Testing.Registries;

namespace WinLayers.Oci.Tests.Registries;

public sealed class CredentialTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("winlayers-credentials-").FullName;
    private readonly Dictionary<string, string> _environment = [];

    // Longer than any machine takes to start a shell.
    private TimeSpan _helperTimeout = TimeSpan.FromMinutes(5);

    public CredentialTests() => _environment["HOME"] = _home;

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Theory]
    [InlineData("registry.example.com", "registry.example.com")]
    [InlineData("https://registry.example.com", "registry.example.com")]
    [InlineData("https://registry.example.com/v1/", "registry.example.com")]
    [InlineData("Registry.Example.com/", "registry.example.com")]
    [InlineData("registry.example.com/team", "registry.example.com")]
    [InlineData("registry.example.com/team/app", "registry.example.com")]
    [InlineData("https://index.docker.io/v1/", "docker.io")]
    [InlineData("docker.io", "docker.io")]
    [InlineData("registry-1.docker.io", "docker.io")]
    public async Task DockerFile_KeyInAnyForm_IsFound(string key, string registry)
    {
        WriteDocker($$"""{"auths":{"other.example.com":{"auth":"{{Pair("x", "y")}}"},"{{key}}":{"auth":"{{Pair("alice", "pa:ss")}}"} } }""");
        CredentialFinding finding = await FindAsync(registry, "team/app");
        Assert.Equal(("alice", "pa:ss"), (finding.Credential!.User, finding.Credential.Secret));
        Assert.EndsWith("config.json", finding.Source, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("registry.example.com.evil.net")]
    [InlineData("registry.example.com:5000")]
    [InlineData("example.com")]
    [InlineData("registry.example.com/team/application")]
    [InlineData("registry.example.com/other")]
    [InlineData("")]
    public async Task DockerFile_KeyOfAnother_IsNotUsed(string key)
    {
        WriteDocker($$"""{"auths":{"{{key}}":{"auth":"{{Pair("alice", "secret-word")}}"} } }""");
        CredentialFinding finding = await FindAsync("registry.example.com", "team/app");
        Assert.Null(finding.Credential);
        Assert.Contains(finding.Tried, t => t.EndsWith("config.json: nothing for this registry", StringComparison.Ordinal));
    }

    [Fact]
    public async Task PodmanFile_MostSpecificKey_Wins()
    {
        Write(".config/containers/auth.json", $$"""
            {"auths":{"registry.example.com":{"auth":"{{Pair("host", "1")}}"},"registry.example.com/team/app":{"auth":"{{Pair("app", "2")}}"},
            "registry.example.com/team":{"auth":"{{Pair("team", "3")}}"} } }
            """);
        Assert.Equal("app", (await FindAsync("registry.example.com", "team/app")).Credential!.User);
        Assert.Equal("team", (await FindAsync("registry.example.com", "team/other")).Credential!.User);
        Assert.Equal("host", (await FindAsync("registry.example.com", "x/y")).Credential!.User);
    }

    [Fact]
    public async Task Files_InOrder_PodmanBeforeDockerAndTheNamedOneAlone()
    {
        WriteDocker(Auths("docker"));
        Assert.Equal("docker", (await FindAsync()).Credential!.User);
        Write(".config/containers/auth.json", Auths("config"));
        Assert.Equal("config", (await FindAsync()).Credential!.User);
        _environment["XDG_RUNTIME_DIR"] = Path.Combine(_home, "run");
        Write("run/containers/auth.json", Auths("runtime"));
        Assert.Equal("runtime", (await FindAsync()).Credential!.User);
        _environment["REGISTRY_AUTH_FILE"] = Write("named.json", Auths("named"));
        Assert.Equal("named", (await FindAsync()).Credential!.User);
        File.Delete(Path.Combine(_home, "named.json"));
        Assert.Equal("docker", (await FindAsync()).Credential!.User);
        _environment["DOCKER_CONFIG"] = Path.Combine(_home, "elsewhere");
        Assert.Null((await FindAsync()).Credential);
    }

    [Fact]
    public async Task DockerFile_Tokens_AreToldApart()
    {
        WriteDocker("""{"auths":{"registry.example.com":{"auth":"eDp5","identitytoken":"id"}}}""");
        Assert.Equal(CredentialKind.IdentityToken, (await FindAsync()).Credential!.Kind);
        WriteDocker("""{"auths":{"registry.example.com":{"registrytoken":"rt"}}}""");
        Assert.Equal(CredentialKind.AccessToken, (await FindAsync()).Credential!.Kind);
    }

    [Theory]
    [InlineData("{\"auths\":{\"registry.example.com\":{\"auth\":\"c2VjcmV0\"}}}", "not user:password in base64")]
    [InlineData("{\"auths\":{\"registry.example.com\":{\"auth\":\"%%%secret\"}}}", "not user:password in base64")]
    [InlineData("{\"auths\":{\"registry.example.com\":{\"auth\":\"secret", "is not JSON")]
    [InlineData("{\"auths\":{\"registry.example.com\":{\"auth\":\"secret\\ud800\"}}}", "is not JSON (line 1)")]
    [InlineData("{\n\"\\udc00\":{},\"auths\":{}}", "is not JSON (line 2)")]
    [InlineData("[]", "nothing for this registry")]
    [InlineData("{\"auths\":[]}", "nothing for this registry")]
    [InlineData("{\"auths\":{\"registry.example.com\":{}}}", "its entry is empty")]
    public async Task DockerFile_Broken_IsSaidWithoutTheSecret(string json, string note)
    {
        WriteDocker(json);
        CredentialFinding finding = await FindAsync();
        Assert.Null(finding.Credential);
        Assert.Contains(finding.Tried, t => t.Contains(note, StringComparison.Ordinal));
        Assert.DoesNotContain(finding.Tried, t => t.Contains("secret", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null, "one.example.com", "one.example.com", true)]
    [InlineData(null, "one.example.com", "two.example.com", false)]
    [InlineData(null, "one.example.com two.example.com", "one.example.com", false)]
    [InlineData(null, "", "one.example.com", false)]
    [InlineData("two.example.com", "one.example.com", "two.example.com", true)]
    [InlineData("two.example.com", "one.example.com", "one.example.com", false)]
    [InlineData("index.docker.io", "", "docker.io", true)]
    public async Task Environment_IsForOneNamedRegistryAlone(string? bound, string named, string asked, bool expected)
    {
        _environment["WINLAYERS_REGISTRY_USER"] = "alice";
        _environment["WINLAYERS_REGISTRY_PASSWORD"] = "secret-word";
        if (bound is not null)
            _environment["WINLAYERS_REGISTRY_HOST"] = bound;
        CredentialSearch search = Search(named.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        CredentialFinding finding = await search.FindAsync(Endpoint(asked), "app", RegistryTesting.Token);
        Assert.Equal(expected, finding.Credential is not null);
        Assert.Null((
            await search.FindAsync(Endpoint("one.example.com") with { IsMirror = true }, "app", RegistryTesting.Token)).Credential is { } c
            && bound is null ? c : null);
        Assert.DoesNotContain(finding.Tried, t => t.Contains("secret-word", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AuthFile_NamedByTheProgram_IsAskedInPlaceOfAllElse()
    {
        _environment["WINLAYERS_REGISTRY_USER"] = "eve";
        _environment["WINLAYERS_REGISTRY_PASSWORD"] = "other";
        WriteDocker("""{"auths":{"only.example.com":{"auth":"ZXZlOng="}}}""");
        string named = Write("named.json", Auths("alice"));
        RegistryOptions options =
            new() { EnvironmentVariable = n => _environment.GetValueOrDefault(n), AuthFile = named, UseAmbientCredentials = false };
        CredentialSearch search = new(options, new CredentialHelper(options), NullLogger.Instance);
        CredentialFinding found = await search.FindAsync(Endpoint("registry.example.com"), "app", RegistryTesting.Token);
        Assert.Equal("alice", found.Credential!.User);
        Assert.Equal(named, found.Source);
        Assert.Null((await search.FindAsync(Endpoint("only.example.com"), "app", RegistryTesting.Token)).Credential);
    }

    [Fact]
    public async Task Helper_AnswersForTheRegistryItIsAsked()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The helper of this test is a shell script.");
        Helper("good", """
            read -r key
            case "$1 $key" in
              "get registry.example.com") printf '{"ServerURL":"x","Username":"alice","Secret":"from-helper"}' ;;
              "get https://index.docker.io/v1/") printf '{"Username":"<token>","Secret":"hub-identity"}' ;;
              *) echo "credentials not found in native keychain"; exit 1 ;;
            esac
            """);
        WriteDocker("""{"credsStore":"good"}""");
        Assert.Equal("from-helper", (await FindAsync()).Credential!.Secret);
        Assert.Equal(CredentialKind.IdentityToken, (await FindAsync("docker.io", "library/x")).Credential!.Kind);
        CredentialFinding none = await FindAsync("other.example.com", "x");
        Assert.Null(none.Credential);
        Assert.Contains(none.Tried,
            t => t.Contains("credsStore: docker-credential-good has none for this registry", StringComparison.Ordinal));
        WriteDocker("""{"credsStore":"absent","credHelpers":{"registry.example.com":"good"}}""");
        Assert.Equal("from-helper", (await FindAsync()).Credential!.Secret);
    }

    [Theory]
    [InlineData("sleep 30", "did not answer within")]
    [InlineData("head -c 200000 /dev/zero", "writes more than")]
    [InlineData("head -c 200000 /dev/zero >&2", "does not answer with Username and Secret")]
    [InlineData("echo secret-word; exit 3", "failed with exit code 3")]
    [InlineData("echo not-json-secret-word", "does not answer with Username and Secret")]
    [InlineData("echo '{\"Username\":\"u\",\"Secret\":\"secret-word\\ud800\"}'", "does not answer with Username and Secret")]
    [InlineData("printf '{\"Username\":1}'", "does not answer with Username and Secret")]
    public async Task Helper_ThatMisbehaves_IsNamedWithoutItsWords(string script, string note)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The helper of this test is a shell script.");
        if (script.StartsWith("sleep", StringComparison.Ordinal))
            _helperTimeout = TimeSpan.FromMilliseconds(500);
        Helper("bad", script);
        WriteDocker("""{"credsStore":"bad"}""");
        CredentialFinding finding = await FindAsync();
        Assert.Null(finding.Credential);
        Assert.Contains(finding.Tried, t => t.Contains(note, StringComparison.Ordinal));
        Assert.DoesNotContain(finding.Tried, t => t.Contains("secret-word", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("../evil")]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("-x")]
    [InlineData("a;b")]
    public async Task Helper_NameThatIsAPathOrMore_IsNotRun(string name)
    {
        WriteDocker($$"""{"credsStore":"{{name}}"}""");
        Assert.Contains((await FindAsync()).Tried, t => t.Contains("the helper's name is not", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Helper_InARelativeFolderOfThePath_IsNotRun()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The helper of this test is a shell script.");
        Helper("good", "printf '{\"Username\":\"a\",\"Secret\":\"b\"}'");
        WriteDocker("""{"credsStore":"good"}""");
        _environment["PATH"] = Path.GetRelativePath(Environment.CurrentDirectory, Path.Combine(_home, "bin"));
        Assert.Contains((await FindAsync()).Tried, t => t.Contains("is not on PATH", StringComparison.Ordinal));
    }

    [Fact]
    public void Credential_AsText_HoldsNoSecret() =>
        Assert.Equal("Password of alice", RegistryCredential.FromPassword("alice", "secret-word").ToString());

    private static string Pair(string user, string password) => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));

    private static string Auths(string user) => $$"""{"auths":{"registry.example.com":{"auth":"{{Pair(user, "x")}}"} } }""";

    private static RegistryEndpoint Endpoint(string registry) => new() { Name = registry, Origin = new Uri($"https://{registry}") };

    private CredentialSearch Search(params string[] named)
    {
        RegistryOptions options = new()
        {
            UseAmbientCredentials = true,
            NamedRegistries = named,
            EnvironmentVariable = n => _environment.GetValueOrDefault(n),
            HelperTimeout = _helperTimeout,
        };
        return new CredentialSearch(options, new CredentialHelper(options), NullLogger.Instance);
    }

    private Task<CredentialFinding> FindAsync(string registry = "registry.example.com", string repository = "team/app") =>
        Search().FindAsync(Endpoint(registry), repository, RegistryTesting.Token);

    private void WriteDocker(string json) => Write(".docker/config.json", json);

    private string Write(string name, string text)
    {
        string path = Path.Combine(_home, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    private void Helper(string name, string script)
    {
        string path = Write($"bin/docker-credential-{name}", "#!/bin/sh\n" + script + "\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _environment["PATH"] = Path.Combine(_home, "bin");
    }
}
