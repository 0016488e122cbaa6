using System.Text;
using WinLayers.Oci.Documents;
using WinLayers.Oci.References;

namespace WinLayers.Testing.Registries;

/// <summary>registry.example.com, which wants Bearer tokens of auth.example.com, played by a <see cref="ScriptedHandler"/>.</summary>
internal sealed class TokenScript
{
    public const string Registry = "https://registry.example.com";
    public const string User = "alice";
    public const string Password = "correct-horse-battery";

    public static readonly string PasswordHeader = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}"));
    public static readonly RegistryReference Image = RegistryReference.Parse("docker://registry.example.com/windows/app:v1");

    private readonly HashSet<string> _valid = [];

    public TokenScript() => Handler = new ScriptedHandler(Answer);

    public ScriptedHandler Handler { get; }

    public string Realm { get; set; } = "https://auth.example.com/token";

    public bool AllowsAnonymous { get; set; }

    public int ExpiresIn { get; set; } = 300;

    public int Issued { get; private set; }

    public string? ChallengeScope { get; set; } = "repository:windows/app:pull";

    /// <summary>Asked first.</summary>
    public Func<Uri, HttpRequestMessage, HttpResponseMessage?> Before { get; set; } = (_, _) => null;

    public void Expire() => _valid.Clear();

    public IReadOnlyList<Uri> TokenRequests => [.. Handler.Sent.Where(s => s.Uri.AbsolutePath == "/token").Select(s => s.Uri)];

    private HttpResponseMessage Answer(Uri uri, HttpRequestMessage request)
    {
        if (Before(uri, request) is { } other)
            return other;
        string? authorization = request.Headers.Authorization?.ToString();
        if (uri.AbsolutePath == "/token")
        {
            bool known = authorization == PasswordHeader || (authorization is null && AllowsAnonymous);
            if (!known)
                return ScriptedHandler.Reply(401, """{"details":"incorrect username or password"}""");
            string token = $"issued-token-{++Issued}";
            _valid.Add("Bearer " + token);
            return ScriptedHandler.Reply(200, $$"""{"token":"{{token}}","expires_in":{{ExpiresIn}}}""");
        }

        if (authorization is null || !_valid.Contains(authorization))
        {
            string scope = ChallengeScope is null ? "" : $",scope=\"{ChallengeScope}\"";
            return ScriptedHandler.Challenge($"Bearer realm=\"{Realm}\",service=\"registry.example.com\"{scope}");
        }

        return ScriptedHandler.Reply(200, RegistryTesting.EmptyManifest(), MediaTypes.OciManifest);
    }
}
