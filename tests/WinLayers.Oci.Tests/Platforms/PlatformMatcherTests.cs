using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Platforms;

namespace WinLayers.Oci.Tests.Platforms;

public sealed class PlatformMatcherTests
{
    private const string Old2019 = "10.0.17763.4010", New2019 = "10.0.17763.5206", Server2022 = "10.0.20348.2031", Annual =
        "10.0.25398.531", Server2025 = "10.0.26100.1742";

    // Shaped like the indexes of Windows base images: several builds, an update of one of them, another architecture, an attestation.
    private static readonly Descriptor[] Index =
    [
        Image("linux", "amd64", null),
        Image("windows", "amd64", Old2019),
        Image("windows", "amd64", New2019),
        Image("windows", "amd64", Server2022),
        Image("windows", "amd64", Annual),
        Image("windows", "amd64", Server2025),
        Image("windows", "arm64", Server2025),
        Image("unknown", "unknown", null),
    ];

    [Theory]
    [InlineData("10.0.14393.0", ContainerIsolation.Process, null)]
    [InlineData("10.0.17763.1", ContainerIsolation.Process, New2019)]
    [InlineData("10.0.17764.1", ContainerIsolation.Process, null)]
    [InlineData("10.0.19045.1", ContainerIsolation.Process, null)]
    [InlineData("10.0.19045.1", ContainerIsolation.HyperV, New2019)]
    [InlineData("10.0.20348.1", ContainerIsolation.Process, Server2022)]
    [InlineData("10.0.22631.1", ContainerIsolation.Process, Server2022)]
    [InlineData("10.0.25398.1", ContainerIsolation.Process, Annual)]
    [InlineData("10.0.26100.1", ContainerIsolation.Process, Server2025)]
    [InlineData("10.0.26200.1", ContainerIsolation.Process, Server2025)]
    [InlineData("10.0.14393.0", ContainerIsolation.HyperV, null)]
    [InlineData("6.3.9600.0", ContainerIsolation.HyperV, null)]
    public void Choose_ForAHost_FollowsWindows(string host, ContainerIsolation isolation, string? expected)
    {
        Assert.True(WindowsVersion.TryParse(host, out WindowsVersion version));
        PlatformChoice choice = PlatformMatcher.Choose(Index, new PlatformRequest { Host = version, Isolation = isolation });
        Assert.Equal(expected, choice.Chosen?.Platform?.OsVersion);
        Assert.Equal(Index.Length, choice.Candidates.Count);
        Assert.All(choice.Candidates, candidate => Assert.NotEmpty(candidate.Reason));
    }

    [Fact]
    public void Choose_HostPastTheLatestLongTermRelease_StillRunsServer2022()
    {
        PlatformRequest request = new() { Host = new WindowsVersion(10, 0, 26200, 1) };
        Assert.Equal(Server2022, PlatformMatcher.Choose([Image("windows", "amd64", Server2022)], request).Chosen?.Platform?.OsVersion);
        Assert.Null(PlatformMatcher.Choose([Image("windows", "amd64", New2019)], request).Chosen);
    }

    [Fact]
    public void Choose_NoHost_TakesTheNewest() =>
        Assert.Equal(Server2025, PlatformMatcher.Choose(Index, PlatformRequest.Default).Require().Platform?.OsVersion);

    [Theory]
    [InlineData("windows/amd64:10.0.17763", New2019)]
    [InlineData("windows/amd64:10.0.17763.4010", Old2019)]
    [InlineData("windows/amd64:10.0.177", null)]
    [InlineData("windows/arm64", Server2025)]
    public void Choose_VersionAskedFor_IsMatchedByWholeParts(string request, string? expected) =>
        Assert.Equal(expected, PlatformMatcher.Choose(Index, PlatformRequest.Parse(request)).Chosen?.Platform?.OsVersion);

    [Fact]
    public void Choose_ImageWithoutVersion_GoesLastButIsTakenWhereAlone()
    {
        Descriptor nameless = Image("windows", "amd64", null);
        PlatformRequest request = new() { Host = new WindowsVersion(10, 0, 20348, 1) };
        PlatformChoice choice = PlatformMatcher.Choose([nameless, Image("windows", "amd64", Server2022)], request);
        Assert.Equal(Server2022, choice.Chosen?.Platform?.OsVersion);
        Assert.Same(nameless, choice.Candidates[1].Descriptor);
        Assert.Same(nameless, PlatformMatcher.Choose([nameless], request).Chosen);
    }

    [Fact]
    public void Choose_Attestation_IsPassedOverWithAReason()
    {
        PlatformCandidate candidate =
            PlatformMatcher.Choose(Index, PlatformRequest.Default).Candidates.Single(c => c.Descriptor.Platform?.Os == "unknown");
        Assert.False(candidate.IsSuitable);
        Assert.Contains("attestation", candidate.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Require_NothingSuitable_NamesEveryReason()
    {
        PlatformChoice choice = PlatformMatcher.Choose(Index, new PlatformRequest { Host = new WindowsVersion(10, 0, 14393, 0) });
        PlatformException e = Assert.Throws<PlatformException>(choice.Require);
        Assert.Equal("WCL7010", e.Code);
        Assert.Contains("newer than the host's 14393", e.Message, StringComparison.Ordinal);
        Assert.Same(choice, e.Choice);
    }

    [Theory]
    [InlineData("")]
    [InlineData("windows")]
    [InlineData("windows/amd64/v1")]
    [InlineData("windows/amd64:")]
    [InlineData("windows/amd64:10.0\u001b")]
    [InlineData("win dows/amd64")]
    public void Parse_MalformedRequest_IsRefused(string text) =>
        Assert.Equal("WCL7011", Assert.Throws<PlatformException>(() => PlatformRequest.Parse(text)).Code);

    private static Descriptor Image(string os, string architecture, string? version) => new()
    {
        MediaType = MediaTypes.DockerManifest,
        Digest = Digest.FromHash(new byte[32]),
        Size = 1,
        Platform = new Platform { Os = os, Architecture = architecture, OsVersion = version },
    };
}
