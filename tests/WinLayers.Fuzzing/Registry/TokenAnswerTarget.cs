using System.Text;
using WinLayers.Oci.Registries;
using WinLayers.Oci.Registries.Auth;

namespace WinLayers.Fuzzing.Registry;

/// <summary>What a token server gives for a token.</summary>
internal sealed class TokenAnswerTarget : FuzzTarget
{
    private const int LongestToken = 48 << 10;

    private static readonly FixedHandler Handler = new();
    private static readonly HttpClient Http = new(Handler);
    private static readonly TokenServer Server =
        new((_, message, token) => Http.SendAsync(message, token), new RegistryOptions(), new SentSecrets());
    private static readonly RegistryCall Call = new("registry.example", "a/b", "read");
    private static readonly RegistryEndpoint Endpoint = new() { Name = "registry.example", Origin = new Uri("https://registry.example") };
    private static readonly TokenRealm Realm = TokenRealm.FromChallenge(
        AuthenticationChallenge.ParseAll(["Bearer realm=\"https://auth.registry.example/token\",service=\"x\""])[0], Endpoint, Call, []);

    public override string Name => "token-answer";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        .. new[]
        {
            """{"token":"eyJhbGciOi","expires_in":300,"issued_at":"2026-01-02T03:04:05Z"}""",
            """{"access_token":"a.b.c","refresh_token":"r","expires_in":1e3,"scope":"x"}""",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public override IReadOnlyList<byte[]> Words { get; } =
    [
        .. new[] { "\"token\":", "\"access_token\":", "\"refresh_token\":", "\"expires_in\":", "null", "[]", "{}", "-1", "1e999", "5e-324",
            "9223372036854775807", "\"\\ud800\"", "\"\\u0000\"", "\\r\\n", "é", "\"\"" }
            .Select(Encoding.UTF8.GetBytes),
    ];

    public override void Run(ReadOnlySpan<byte> input)
    {
        Handler.Body = input.ToArray();
        DateTimeOffset asked = DateTimeOffset.UtcNow;
        try
        {
            AccessToken token =
                Server.GetAsync(Realm, ["repository:a/b:pull"], credential: null, Endpoint, Call, CancellationToken.None)
                .GetAwaiter().GetResult()!;
            Require(token.Value.Length is > 0 and <= LongestToken && token.Value.All(static c => c is > ' ' and <= '~'),
                "a token is what a header can hold");
            Require(token.UseUntil >= asked && token.UseUntil <= DateTimeOffset.UtcNow + TimeSpan.FromHours(12),
                "a token is used for a while, and not for ever");
            Require(!token.ToString().Contains(token.Value, StringComparison.Ordinal) || token.Value.Length < 8, "a token is not shown");
        }
        catch (RegistryException refused)
        {
            Require(refused.Message.Length < 1000 && !refused.Message.Any(char.IsControl), "a refusal is one short line");
            throw;
        }
    }
}
