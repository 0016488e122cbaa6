using System.Globalization;
using WinLayers.Oci.References;

namespace WinLayers.Oci.Tests.References;

public sealed class ImageReferenceTests
{
    private static readonly ImageTransports Transports = ImageTransports.Standard();

    private const string Sha = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("x", "docker.io", "library/x", "latest", null)]
    [InlineData("x:v1", "docker.io", "library/x", "v1", null)]
    [InlineData("user/x", "docker.io", "user/x", "latest", null)]
    [InlineData("docker://x", "docker.io", "library/x", "latest", null)]
    [InlineData("index.docker.io/x", "docker.io", "library/x", "latest", null)]
    [InlineData("mcr.microsoft.com/windows/nanoserver:ltsc2022", "mcr.microsoft.com", "windows/nanoserver", "ltsc2022", null)]
    [InlineData("localhost/x", "localhost", "x", "latest", null)]
    [InlineData("localhost:5000/a/b__c/d-e.f:T_1", "localhost:5000", "a/b__c/d-e.f", "T_1", null)]
    [InlineData("[::1]:5000/x", "[::1]:5000", "x", "latest", null)]
    [InlineData("HOST.io/x", "host.io", "x", "latest", null)]
    [InlineData("host.io/x@" + Sha, "host.io", "x", null, Sha)]
    [InlineData("host.io/x:v1@" + Sha, "host.io", "x", "v1", Sha)]
    public void Parse_Registry_FindsItsParts(string text, string host, string repository, string? tag, string? digest)
    {
        RegistryReference reference = Assert.IsType<RegistryReference>(Transports.Parse(text));
        Assert.Equal((host, repository, tag, digest), (reference.Host, reference.Repository, reference.Tag, reference.Digest?.ToString()));
        Assert.Equal(reference, Transports.Parse(reference.ToString()));
        Assert.Equal(digest ?? tag, reference.Target);
    }

    [Theory]
    [InlineData("oci:a:v1", "oci:{0}/a:v1")]
    [InlineData("oci:a/:v1", "oci:{0}/a:v1")]
    [InlineData("oci:./b/../a//:v1", "oci:{0}/a:v1")]
    [InlineData("oci:/x/./y", "oci:/x/y")]
    [InlineData("oci:a@" + Sha, "oci:{0}/a@" + Sha)]
    [InlineData("oci-archive:./b/../a.tar:v1", "oci-archive:{0}/a.tar:v1")]
    [InlineData("docker-archive:a.tar:x:1", "docker-archive:{0}/a.tar:docker.io/library/x:1")]
    [InlineData("docker://x", "docker://docker.io/library/x:latest")]
    public void ToAbsolute_IsTheSameFromEveryFolder(string text, string expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Paths as Unix has them.");
        ImageReference absolute = Transports.Parse(text).ToAbsolute();
        Assert.Equal(string.Format(CultureInfo.InvariantCulture, expected, Environment.CurrentDirectory), absolute.ToString());
        Assert.Equal(absolute, absolute.ToAbsolute());
    }

    [Theory]
    [InlineData("oci:folder", "folder", null)]
    [InlineData("oci:/a/b:v1", "/a/b", "v1")]
    [InlineData("oci:C:\\a:v1", "C:\\a", "v1")]
    [InlineData("oci:C:/a", "C:/a", null)]
    [InlineData("oci:a:docker.io/library/x:v1", "a", "docker.io/library/x:v1")]
    public void Parse_Layout_FindsFolderAndName(string text, string folder, string? name)
    {
        LayoutReference reference = Assert.IsType<LayoutReference>(Transports.Parse(text));
        Assert.Equal((folder, name), (reference.Folder, reference.Name));
        Assert.Equal(reference, Transports.Parse(reference.ToString()));
    }

    [Fact]
    public void Parse_OtherTransports_FindTheirParts()
    {
        LayoutReference layout = Assert.IsType<LayoutReference>(Transports.Parse($"oci:dir@{Sha}"));
        Assert.Equal(("dir", Sha), (layout.Folder, layout.Digest?.ToString()));
        ArchiveReference archive = Assert.IsType<ArchiveReference>(Transports.Parse("docker-archive:/tmp/a.tar:host:5000/x:v1"));
        Assert.Equal(("/tmp/a.tar", "host:5000", "x", "v1"),
            (archive.File, archive.Name?.Host, archive.Name?.Repository, archive.Name?.Tag));
        Assert.Null(Assert.IsType<ArchiveReference>(Transports.Parse("docker-archive:D:\\a.tar")).Name);
    }

    [Theory]
    [InlineData("oci-archive:a.tar", "a.tar", null)]
    [InlineData("oci-archive:/a/b.tar:v1", "/a/b.tar", "v1")]
    [InlineData("oci-archive:C:\\a.tar:docker.io/library/x:v1", "C:\\a.tar", "docker.io/library/x:v1")]
    public void Parse_OciArchive_FindsFileAndName(string text, string file, string? name)
    {
        OciArchiveReference reference = Assert.IsType<OciArchiveReference>(Transports.Parse(text));
        Assert.Equal((file, name, null), (reference.File, reference.Name, reference.Digest));
        Assert.Equal(reference, Transports.Parse(reference.ToString()));
        Assert.Equal(reference, OciArchiveReference.Parse(text));
        Assert.True(OciArchiveReference.TryParse($"{text}@{Sha}", out OciArchiveReference? pinned));
        Assert.Equal(Sha, pinned.Digest?.ToString());
    }

    public static TheoryData<string> Hostile =>
    [
        "", " ", "/", "HOST/x", ":", "@", "x:", "x@", "X", "x/Y", "x//y", "/x", "x/", "../x", "x/../y", "x/..", "./x", "x y", "x\ty",
            "x\ny", "x\0", "x\u001b[31m", "x\u202ey",
        "docker://", "docker://host.io/", "docker:///x", "host.io:/x", "host.io:0/x", "host.io:65536/x", "host.io:5000000/x",
            "host.io:+5/x", "user@host.io/x",
        "host..io/x", "-host.io/x", "host-.io/x", "[::1/x", "[zz]/x", "[::1%25eth0]/x", "host.io/x:-v", "host.io/x:.v", "host.io/x:v/w",
            "host.io/x:" + new string('a', 129),
        "host.io/" + new string('a', 256), "host.io/a___b", "host.io/a..b", "host.io/a._b", "host.io/a-", "host.io/_a", "host.io/é",
            "hóst.io/x",
        "x@sha256:abc", "x@sha256:" + new string('A', 64), "x@sha256:../../../../../etc/passwd", "x@md5:" + new string('a', 32),
            "x@" + Sha + "@" + Sha,
        "https://host.io/x", "http://x", "containers-storage:x", "dir:/tmp/x", "docker-daemon:x:y", "ostree:x", "oci:", "oci::v1",
            "oci:dir:", "oci:dir:../x", "oci:dir:a b", "oci:dir:/x", "oci:dir:a//b",
        "oci-archive:", "oci-archive::v1", "oci-archive:f:", "oci-archive:f:../x", "oci-archive:f:a b",
        "docker-archive:", "docker-archive:f:", "docker-archive:f:UPPER", "docker-archive:f:x@" + Sha,
        new string('a', 10_000),
    ];

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Parse_Hostile_IsRefusedInOnePrintableLine(string text)
    {
        Assert.False(Transports.TryParse(text, out _));
        ImageReferenceException e = Assert.Throws<ImageReferenceException>(() => Transports.Parse(text));
        Assert.StartsWith("WCL100", e.Code, StringComparison.Ordinal);
        Assert.DoesNotContain(e.Message, c => char.IsControl(c) || c == '\u202e');
        Assert.True(e.Message.Length < 600);
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Parse_HostileOfOneKind_IsRefused(string text)
    {
        Assert.Throws<ImageReferenceException>(() => LayoutReference.Parse(text));
        Assert.Throws<ImageReferenceException>(() => ArchiveReference.Parse(text));
        Assert.Throws<ImageReferenceException>(() => OciArchiveReference.Parse(text));
    }

    [Theory]
    [InlineData(128, true)]
    [InlineData(129, false)]
    public void Parse_TagLength_IsBounded(int length, bool isGood) =>
        Assert.Equal(isGood, Transports.TryParse("x:" + new string('t', length), out _));

    [Theory]
    [InlineData(255, true)]
    [InlineData(256, false)]
    public void Parse_RepositoryLength_IsBounded(int length, bool isGood) =>
        Assert.Equal(isGood, Transports.TryParse("host.io/" + new string('r', length), out _));
}
