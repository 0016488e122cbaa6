using WinLayers.Oci;
using WinLayers.Oci.Sources;
using WinLayers.Samples;
using WinLayers.Storage;
using WinLayers.Unpacking;
using WinLayers.Windows;
using WinLayers.Windows.Scratch;

namespace WinLayers.WineTests;

/// <summary>A job in which every call is made to fail once.</summary>
/// <param name="Act">The job, in a folder that is its own.</param>
internal sealed record FaultSequence(Func<string, Task> Act)
{
    /// <summary>What has to be there before; nothing fails in it.</summary>
    public Func<string, Task> Prepare { get; init; } = _ => Task.CompletedTask;

    /// <summary>
    /// What its user does after a failure that may leave something; then nothing may be left. Null: nothing may be left at once.
    /// </summary>
    public Func<string, Task>? Recover { get; init; }

    /// <summary>Whether a failure on the way does not matter where all is as it should be in the end.</summary>
    public bool MayStillSucceed { get; init; }

    /// <summary>The functions that also clean up at the end: where such a call fails, something may be left.</summary>
    public IReadOnlyList<string> Cleaning { get; init; } = [];

    /// <summary>What is left that should not be; null compares the folder with what it was before.</summary>
    public Func<string, IEnumerable<string>>? FindLeft { get; init; }

    /// <summary>The sequence of this name.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="args">
    /// What it works on, the same each time: an image and one that is unpacked before, or layers that nothing may change.
    /// </param>
    public static FaultSequence Named(string name, string[] args)
    {
        ScratchMethod method = name.StartsWith("filter-", StringComparison.Ordinal) ? ScratchMethod.StorageFilter : ScratchMethod.Sandbox;
        switch (name)
        {
            case "unpack":
                return new(folder => UnpackAsync(folder, args[0]))
                {
                    Prepare = folder => args.Length > 1 ? UnpackAsync(folder, args[1]) : LayerStore.OpenAsync(StoreIn(folder)),
                    FindLeft = folder => LeftIn(StoreIn(folder), recorded: args.Length - 1),
                };
            case "import":
                return Synchronous(folder => new HcsLayerHost().ImportStaged(args[0], Path.Join(folder, "layer"), [.. args[1..]]));
            case "sandbox-export" or "filter-export":
                return new(folder => Task.Run(() => new HcsLayerHost().ExportTransport(ScratchIn(folder), Path.Join(folder, "transport"))))
                {
                    Prepare = folder => CreateUnmountedAsync(folder, args, method),
                    Recover = folder => Open(folder).UnmountAsync(default),
                    FindLeft = MountedIn,
                };
            case "export":
                return Synchronous(folder => new HcsLayerHost().Export(args[0], Stream.Null, folder)) with
                {
                    Cleaning = ["CreateFile", "NtCreateFile", "GetFileInformationByHandleEx", "NtSetInformationFile"],
                };
            case "uvm":
                return Synchronous(
                    folder => new HcsLayerHost()
                    .CreateUtilityVmScratch([.. args], $"{Guid.NewGuid()}", Path.Join(folder, "vm"), grantLayers: true));
            case "grant":
                return Synchronous(_ => new HcsLayerHost().GrantVmAccess("any id", args));
            case "sandbox-create" or "filter-create":
                return new(folder => CreateAsync(folder, args, method));
            case "sandbox-mount" or "filter-mount":
                return new(folder => Open(folder).MountAsync(default)) { Prepare = folder => CreateUnmountedAsync(folder, args, method) };
            case "sandbox-unmount" or "filter-unmount":
                return new(folder => Open(folder).UnmountAsync(default))
                {
                    // Whether it is mounted is asked first, and taking down does without the answer.
                    MayStillSucceed = true,
                    Prepare = folder => CreateAsync(folder, args, method),
                    Recover = RemoveAsync,
                    FindLeft = Anything
                };
            case "sandbox-remove" or "filter-remove":
                return new(folder => Open(folder).RemoveAsync(default))
                {
                    Prepare = folder => CreateAsync(folder, args, method),
                    Recover = RemoveAsync,
                    FindLeft = Anything,
                    MayStillSucceed = true,
                };
            default:
                throw new ScenarioMissingException(name);
        }
    }

    private static FaultSequence Synchronous(Action<string> act) => new(folder =>
    {
        act(folder);
        return Task.CompletedTask;
    });

    // One for all runs: a failure leaves it as it was.
    private static string StoreIn(string folder) => Path.Join(Path.GetDirectoryName(folder), "images");

    private static async Task UnpackAsync(string folder, string image)
    {
        await using IImageSource source = await ImageTransports.Standard().WithSamples().OpenAsync(image);
        await new ImageUnpacker(await LayerStore.OpenAsync(StoreIn(folder)), new HcsLayerHost()).UnpackAsync(source);
    }

    // Layers below the one that failed stay, whole; blobs too.
    private static IEnumerable<string> LeftIn(string store, int recorded) =>
    [
        .. Directory.EnumerateDirectories(Path.Join(store, "layers")).Where(layer => !File.Exists(Path.Join(layer, "stored.json"))),
        .. Directory.EnumerateFileSystemEntries(Path.Join(store, "images")).Skip(recorded),
        .. Directory.EnumerateFileSystemEntries(Path.Join(store, "tmp"))
            .Where(path => Path.GetFileName(path) is not ("locks" or "blobs" or "index.lock")),
    ];

    private static string ScratchIn(string folder) => Path.Join(folder, "scratch");

    private static ScratchLayer Open(string folder) => new HcsLayerHost().OpenScratch(ScratchIn(folder));

    private static async Task CreateAsync(string folder, string[] parents, ScratchMethod method)
    {
        ScratchOptions options = new() { Method = method, SizeBytes = 40L << 30 };
        (await new HcsLayerHost().CreateScratchAsync(ScratchIn(folder), [.. parents], options)).Keep();
    }

    private static async Task CreateUnmountedAsync(string folder, string[] parents, ScratchMethod method)
    {
        await CreateAsync(folder, parents, method);
        await Open(folder).UnmountAsync(default);
    }

    private static Task RemoveAsync(string folder) =>
        Directory.Exists(ScratchIn(folder)) ? Open(folder).RemoveAsync(default) : Task.CompletedTask;

    // The transport folder is whoever exports'; the layer has to be as it was.
    private static IEnumerable<string> MountedIn(string folder) => Open(folder).MountPath is { } path ? [path] : [];

    private static IEnumerable<string> Anything(string folder) => Directory.EnumerateFileSystemEntries(folder);
}
