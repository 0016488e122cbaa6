using System.Text;
using WinLayers.Oci;
using WinLayers.Oci.References;
using WinLayers.Samples;

namespace WinLayers.Fuzzing.Images;

/// <summary>References of every transport.</summary>
internal sealed class ReferenceTarget : FuzzTarget
{
    private static readonly ImageTransports Transports = ImageTransports.Standard().WithSamples();

    public override string Name => "reference";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        .. new[]
        {
            "mcr.microsoft.com/windows/nanoserver:ltsc2022",
                "docker://localhost:5000/a/b_c@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            "oci:C:\\a:v1", "oci:dir:docker.io/library/x:v1", "docker-archive:/tmp/a.tar:host/x:v1", "sample:large?entries=1000&bytes=5",
                "[::1]:5000/x",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public override IReadOnlyList<byte[]> Words { get; } =
        [.. new[] { "../", "..", "//", ":", "@", "@sha256:", "docker://", "oci:", "%2f", "\\", "?", "&", "[", "]", "\0", "\u202e", "_",
            "__", "localhost" }.Select(Encoding.UTF8.GetBytes)];

    public override void Run(ReadOnlySpan<byte> input)
    {
        string text = Encoding.UTF8.GetString(input);
        ImageReference reference = Transports.Parse(text);
        Require(Transports.Parse(reference.ToString()) == reference, "a reference of its own text is itself");
        if (reference is not RegistryReference registry)
            return;
        Uri uri = new($"https://{registry.Host}/v2/{registry.Repository}/manifests/{registry.Target}");
        Require(uri.AbsolutePath == $"/v2/{registry.Repository}/manifests/{registry.Target}",
            "a reference names one path of its registry and no other");
        Require(uri.UserInfo.Length == 0 && uri.Query.Length == 0 && uri.Fragment.Length == 0, "a reference adds nothing to the address");
        Require(uri.Authority.StartsWith(registry.Host.Split(':')[0], StringComparison.OrdinalIgnoreCase) || registry.Host[0] == '['
            || char.IsAsciiDigit(registry.Host[0]), "the host is the one written");
    }
}
