using System.CommandLine;
using WinLayers.Cli.Frame;
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
        OperatingSystem.IsWindows() && !call.Get(_portable) ? new HcsLayerHost() : PortableLayerHost.Instance;
}
