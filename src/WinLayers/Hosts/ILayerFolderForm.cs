namespace WinLayers.Hosts;

/// <summary>What the finished layers of a host look like on the disk, for whoever has to be certain before a folder is destroyed.</summary>
public interface ILayerFolderForm
{
    /// <summary>The host's <see cref="ILayerHost.Name"/>.</summary>
    string Host { get; }

    /// <summary>The names that may stand at the root of such a layer, whatever their letter case.</summary>
    IReadOnlySet<string> Names { get; }

    /// <summary>Whether the folder is such a layer beyond doubt.</summary>
    bool IsCertain(string folder);
}
