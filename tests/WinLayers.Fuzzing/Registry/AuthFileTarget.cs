using System.Text;
using WinLayers.Oci.Registries;
using WinLayers.Oci.Registries.Auth;

namespace WinLayers.Fuzzing.Registry;

/// <summary>
/// Docker's config.json and Podman's auth.json. Nothing in them is an error that stops a pull; helpers are never found here.
/// </summary>
internal sealed class AuthFileTarget : FuzzTarget
{
    private static readonly string File = Path.Combine(ScratchFolder.Make("auth-file"), "config.json");
    private static readonly CredentialHelper Helper = new(new RegistryOptions { EnvironmentVariable = _ => null });

    public override string Name => "auth-file";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        .. new[]
        {
            """{"auths":{"https://index.docker.io/v1/":{"auth":"dXNlcjpwYXNz"},"registry.example":{"identitytoken":"t"},"registry.example/team/app":{"registrytoken":"r"}}}""",
            """{"credHelpers":{"registry.example":"pass"},"credsStore":"desktop","auths":{"registry.example:5000":{"username":"u","password":"p"}}}""",
            """{"auths":{"registry.example/team/":{"auth":"dTpwAAA="},"registry.example":{},},"HttpHeaders":{"a":"b"}}""",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public override IReadOnlyList<byte[]> Words { get; } =
        [.. new[] { "\"auths\":", "\"auth\":", "\"credHelpers\":", "\"credsStore\":", "registry.example", "http://", "/v1/", "/v2", "null",
            "[]", "{}", "\"\\ud800\"", "dXNlcjpwYXNz", "\"\"" }.Select(Encoding.UTF8.GetBytes)];

    public override void Run(ReadOnlySpan<byte> input)
    {
        System.IO.File.WriteAllBytes(File, input);
        foreach ((string registry, string repository) in (ReadOnlySpan<(string, string)>)[("registry.example", "team/app"),
            (RegistryNames.DockerHub, "library/x")])
        {
            AuthFileAnswer answer =
                AuthFile.LookUpAsync(File, registry, repository, Helper, CancellationToken.None).GetAwaiter().GetResult();
            Require(answer.Note.Length > 0 && !answer.Note.Any(char.IsControl), "a note is one line");
        }
    }
}
