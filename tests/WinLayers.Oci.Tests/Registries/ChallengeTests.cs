using FsCheck;
using FsCheck.Fluent;
using WinLayers.Oci.Registries.Auth;

namespace WinLayers.Oci.Tests.Registries;

public sealed class ChallengeTests
{
    [Theory]
    [InlineData("Bearer realm=\"https://a/t\",service=\"s\",scope=\"repository:a/b:pull,push\"",
        "Bearer(realm=https://a/t;scope=repository:a/b:pull,push;service=s)")]
    [InlineData("bearer realm = \"x\" , service = y", "bearer(realm=x;service=y)")]
    [InlineData("Basic realm=\"a \\\"quoted\\\" name\"", "Basic(realm=a \"quoted\" name)")]
    [InlineData("Negotiate, Basic realm=\"r\", charset=\"UTF-8\"", "Negotiate() Basic(charset=UTF-8;realm=r)")]
    [InlineData("Basic realm=\"r\", Bearer realm=\"https://a/t\"", "Basic(realm=r) Bearer(realm=https://a/t)")]
    [InlineData("Bearer realm=\"open", "Bearer()")]
    [InlineData("Basic", "Basic()")]
    [InlineData("", "")]
    [InlineData("=,=", "")]
    public void ParseAll_Header_IsRead(string header, string expected) =>
        Assert.Equal(expected, string.Join(' ', AuthenticationChallenge.ParseAll([header]).Select(
            c => $"{c.Scheme}({string.Join(';', c.Parameters.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={p.Value}"))})")));

    [Fact]
    public void ParseAll_AnyText_Ends() =>
        Prop.ForAll<string[]>(static headers =>
        {
            // Every challenge takes at least a character, and no scheme is empty.
            string[] texts = [.. headers.Where(static h => h is not null)];
            IReadOnlyList<AuthenticationChallenge> challenges = AuthenticationChallenge.ParseAll(texts);
            return challenges.Count <= texts.Sum(static t => t.Length) && challenges.All(static c => c.Scheme.Length > 0);
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("registry-1.docker.io", "auth.docker.io", true)]
    [InlineData("ghcr.io", "ghcr.io", true)]
    [InlineData("registry.gitlab.com", "gitlab.com", true)]
    [InlineData("a.co.uk", "b.co.uk", false)]
    [InlineData("registry.a.co.uk", "auth.a.co.uk", true)]
    [InlineData("registry.cbs.nl", "gitlab.cbs.nl", true)]
    [InlineData("registry.ibm.de", "auth.ibm.de", true)]
    [InlineData("registry.k8s.io", "auth.k8s.io", true)]
    [InlineData("a.com.au", "b.com.au", false)]
    [InlineData("a.or.jp", "b.or.jp", false)]
    [InlineData("registry.example.com", "example.com.evil.net", false)]
    [InlineData("10.0.0.1", "11.0.0.1", false)]
    [InlineData("localhost", "evil", false)]
    [InlineData("com", "example.com", false)]
    public void IsSameSite_Hosts_AreCompared(string left, string right, bool same) =>
        Assert.Equal(same, TokenRealm.IsSameSite(left, right));
}
