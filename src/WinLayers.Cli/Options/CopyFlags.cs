using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Oci.Copying;

namespace WinLayers.Cli.Options;

/// <summary>What a copy takes along.</summary>
internal sealed class CopyFlags
{
    private readonly Option<bool> _all = new("--all") { Description = "The whole index with the images of all platforms" };

    private readonly Option<bool> _include = new("--include-foreign")
    {
        Description = "Copy foreign layers too, so that the copy is complete; nothing else changes",
    };

    private readonly Option<bool> _normalize = new("--normalize-foreign")
    {
        Description = "Copy foreign layers and make them plain ones; this changes digests",
    };

    private readonly Option<bool> _overwrite = CreateOverwrite();

    public CopyFlags(Command verb)
    {
        verb.Options.Add(_all);
        verb.Options.Add(_overwrite);
        verb.Options.Add(_include);
        verb.Options.Add(_normalize);
    }

    /// <summary>For verbs that write an archive.</summary>
    public static Option<bool> CreateOverwrite() => new("--overwrite") { Description = "Replace an archive's file that is there" };

    /// <summary>Whether the whole index is meant.</summary>
    /// <exception cref="UsageException">One of its images is meant too.</exception>
    public static bool ReadAll(Invocation call, Option<bool> all, SourceOptions source)
    {
        if (!call.Get(all))
            return false;
        source.RefusePlatform(call, "all of it");
        return true;
    }

    /// <summary>Whether an archive may be replaced.</summary>
    public bool Overwrites(Invocation call) => call.Get(_overwrite);

    public CopyOptions Read(Invocation call, SourceOptions source) => new()
    {
        AllPlatforms = ReadAll(call, _all, source),
        Platform = source.Platform(call),
        Foreign = call.Get(_normalize) ? ForeignLayerHandling.Normalize : call.Get(_include) ? ForeignLayerHandling.Include
            : ForeignLayerHandling.LeaveOut,
    };
}
