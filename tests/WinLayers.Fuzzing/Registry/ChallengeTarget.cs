using System.Text;
using WinLayers.Oci.Registries;
using WinLayers.Oci.Registries.Auth;
using WinLayers.Oci.Registries.Transport;

namespace WinLayers.Fuzzing.Registry;

/// <summary>
/// What a registry says where it refuses: the headers of its challenge, one a line, and after an empty line its error's body.
/// </summary>
internal sealed class ChallengeTarget : FuzzTarget
{
    public override string Name => "challenge";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        .. new[]
        {
            "Bearer realm=\"https://auth.example/token\",service=\"registry.example\",scope=\"repository:a/b:pull\"\nBasic " +
                "realm=\"x\\\"y\"\n\n{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"who are you?\"}]}",
            "Negotiate abc==, Basic realm = z , Bearer error=\"invalid_token\"\n\n{\"error\":\"denied\",\"details\":\"no\"}",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public override IReadOnlyList<byte[]> Words { get; } =
        [.. new[] { "Bearer ", "Basic ", "realm=", "\"", "\\\"", ",", " = ", "\n", "\n\n", "\"errors\":[", "\"message\":", "null",
            "\"\\ud800\"", "é", "\u0085" }.Select(Encoding.UTF8.GetBytes)];

    public override void Run(ReadOnlySpan<byte> input)
    {
        int end = input.IndexOf("\n\n"u8);
        string[] headers = Encoding.UTF8.GetString(end < 0 ? input : input[..end]).Split('\n');
        foreach (AuthenticationChallenge challenge in AuthenticationChallenge.ParseAll(headers))
        {
            Require(challenge.Scheme.Length > 0 && challenge.Scheme.All(char.IsAscii), "a scheme is a token");
            Require(challenge.Parameters.Keys.All(name => name.Length > 0 && challenge[name.ToUpperInvariant()] is not null),
                "parameters have names, whatever their letter case");
        }

        string explanation = ErrorBody.Parse(input[(end < 0 ? input.Length : end + 2)..].ToArray(), new SentSecrets());
        Require(explanation.Length <= 302 && !explanation.Any(char.IsControl), "an explanation is one short line");
    }
}
