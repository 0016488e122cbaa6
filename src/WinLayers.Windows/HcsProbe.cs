using System.Runtime.Versioning;
using WinLayers.Formats;
using WinLayers.Hosts;

namespace WinLayers.Windows;

/// <summary>Looks whether this process can work on layers with the Host Compute Service.</summary>
public static class HcsProbe
{
    /// <summary>Tries what every layer needs first: the privileges. They stay on.</summary>
    [SupportedOSPlatform("windows")]
    public static Diagnosis Host()
    {
        try
        {
            return new Diagnosis(
                "host", DiagnosisResult.Fine, $"{new HcsLayerHost().Name}: the Host Compute Service, with the privileges that layers need");
        }
        catch (WinLayersException missing)
        {
            return new Diagnosis("host", DiagnosisResult.Wrong, $"{missing.Message} {missing.Remedy}".TrimEnd());
        }
    }
}
