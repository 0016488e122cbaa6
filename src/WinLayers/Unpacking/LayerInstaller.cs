using System.Diagnostics;
using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Formats.Tar;
using WinLayers.Hosts;
using WinLayers.Unpacking.Pipeline;
using WinLayers.Volumes;
using WinLayers.Writing;

namespace WinLayers.Unpacking;

/// <summary>
/// Turns one layer's tar into a finished layer in a folder, through a host. Whatever fails, the folder is the caller's to throw away.
/// </summary>
internal sealed class LayerInstaller(ILayerHost host, LayerLimits limits)
{
    private long _entries;
    private TimeSpan _written;
    private TimeSpan _finished;

    /// <summary>Entries written so far.</summary>
    public long Entries => Volatile.Read(ref _entries);

    /// <summary>Files among them.</summary>
    public long Files { get; private set; }

    /// <summary>Bytes of the files' data.</summary>
    public long ContentBytes { get; private set; }

    /// <summary>
    /// Writes the layer and has the host finish it. The host is not called before the whole tar was read and found right.
    /// </summary>
    /// <param name="tar">The uncompressed layer; it checks itself at its end.</param>
    /// <param name="folder">The layer's folder, empty.</param>
    /// <param name="stagingFolder">A folder for the host's staging, not there yet or empty: the host makes it if it uses it.</param>
    /// <param name="identity">Which layer it is.</param>
    /// <param name="parents">The layers below, nearest first.</param>
    public void Install(Stream tar, string folder, string stagingFolder, LayerIdentity identity, IReadOnlyList<ILayerTree> parents)
    {
        long start = Stopwatch.GetTimestamp();
        using ILayerVolume volume = host.CreateVolume(folder, identity);
        bool hasUtilityVm = parents.Count == 0 ? InstallBase(tar, folder, volume) : InstallDiff(tar, stagingFolder, volume, parents);
        if (hasUtilityVm)
            host.ProcessUtilityVm(Path.Combine(folder, LayerRoots.UtilityVm));
        _finished = Stopwatch.GetElapsedTime(start) - _written;
    }

    /// <summary>Where the time went: reading the tar and writing files; then links, times, the host and the disk.</summary>
    public IReadOnlyList<StageTiming> Timings(TimeSpan waitedForTar, long tarBytes) =>
        [new("write", tarBytes, _written - waitedForTar, waitedForTar), new("finish", 0, _finished, TimeSpan.Zero)];

    private bool InstallBase(Stream tar, string folder, ILayerVolume volume)
    {
        var writer = new BaseLayerWriter(volume, limits);
        Write(tar, writer);
        host.ProcessBaseLayer(folder);
        return writer.HasUtilityVm;
    }

    private bool InstallDiff(Stream tar, string stagingFolder, ILayerVolume volume, IReadOnlyList<ILayerTree> parents)
    {
        ILayerVolume staging = host.CreateStaging(volume, stagingFolder);
        try
        {
            var writer = new DiffLayerWriter(staging, volume, parents, limits);
            Write(tar, writer);
            host.Import(volume, staging, [.. parents.Select(parent => parent.Location)]);
            return writer.HasUtilityVm;
        }
        finally
        {
            if (!ReferenceEquals(staging, volume))
                staging.Dispose();
        }
    }

    private void Write(Stream tar, LayerWriter writer)
    {
        long start = Stopwatch.GetTimestamp();
        using var reader = new LayerTarReader(tar, limits);
        while (reader.Read() is { } entry)
        {
            // Asked before: the writer reads the content.
            long bytes = entry.Kind == LayerEntryKind.File ? entry.Content.Data.Length : 0;
            writer.Add(entry);
            Files += entry.Kind == LayerEntryKind.File ? 1 : 0;
            ContentBytes += bytes;
            Volatile.Write(ref _entries, writer.EntryCount);
        }

        _written = Stopwatch.GetElapsedTime(start);
        writer.Complete();
    }
}
