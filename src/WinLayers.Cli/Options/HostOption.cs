using System.CommandLine;
using System.Runtime.Versioning;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Terminal;
using WinLayers.Hosts;
using WinLayers.Portable;
using WinLayers.Windows;

namespace WinLayers.Cli.Options;

/// <summary>What finishes layers: Windows itself on Windows, the portable host elsewhere or on request.</summary>
internal sealed class HostOption
{
    private readonly Option<bool> _portable = new("--portable")
    {
        Description = "On Windows too, keep layers as the portable host does: no container can start on them, and no privilege is needed",
    };

    public HostOption(Command verb) => verb.Options.Add(_portable);

    public ILayerHost Open(Invocation call) =>
        OperatingSystem.IsWindows() && !call.Get(_portable) ? Windows(call) : PortableLayerHost.Instance;

    /// <summary>Windows itself, whose calls <c>--verbose</c> shows.</summary>
    [SupportedOSPlatform("windows")]
    public static HcsLayerHost Windows(Invocation call) => new(new DetailLogger<HcsLayerHost>(call.Output));
}
