using System.Runtime.InteropServices;
using WinLayers.IntegrationTests.Cli;
using WinLayers.Oci;
using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Sources;
using WinLayers.Portable;
using WinLayers.Samples;
using WinLayers.Storage;
using WinLayers.Unpacking;

namespace WinLayers.IntegrationTests.Faults;

/// <summary>A store in which the real command is disturbed, and what must hold afterwards.</summary>
internal static class FaultedStore
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>
    /// Starts the command on the store, with a folder for temporary files beside it; its output is read by whoever waits for it.
    /// </summary>
    public static RunningCommand Start(string store, params string[] arguments)
    {
        Directory.CreateDirectory(TemporaryOf(store));
        var environment =
            new Dictionary<string, string>(StringComparer.Ordinal) { ["WINLAYERS_STORE"] = store, ["TMPDIR"] = TemporaryOf(store) };
        return new(WinLayersCommand.Start(arguments, workingFolder: null, environment));
    }

    /// <summary>Where the command keeps temporary files that are not the store's.</summary>
    public static string TemporaryOf(string store) => store + ".tmp";

    /// <summary>Every layer that is visible is whole, every blob is what its name says, every recorded image has its layers.</summary>
    public static async Task AssertCleanAsync(string root)
    {
        LayerStore store = await LayerStore.OpenAsync(root, Token);
        Assert.Empty((await store.VerifyAsync(PortableLayerHost.Instance, cancellationToken: Token)).Problems);
        Assert.All(store.ListImages(), image => Assert.All(image.Chain, chainId => Assert.NotNull(store.TryGetLayer(chainId))));
        foreach ((Digest digest, long size) in store.Blobs.List())
        {
            await using var blob = new VerifyingStream(store.Blobs.OpenRead(digest), $"blob {digest}", digest, size);
            await blob.CopyToAsync(Stream.Null, Token);
        }
    }

    /// <summary>The next unpacking completes, and nothing is left of what was disturbed.</summary>
    public static async Task AssertCompletesAsync(string root, string reference)
    {
        LayerStore store = await LayerStore.OpenAsync(root, Token);
        await using (IImageSource source = await ImageTransports.Standard().WithSamples().OpenAsync(reference, Token))
            await new ImageUnpacker(store, PortableLayerHost.Instance)
                .UnpackAsync(source, request: null, imageName: null, progress: null, Token);
        store.Collect(PortableLayerHost.Instance, dryRun: false, Token);
        AssertNothingHalfMade(root);
        await AssertCleanAsync(root);
    }

    public static void AssertNothingHalfMade(string root)
    {
        string temporary = Path.Combine(root, "tmp");
        if (Directory.Exists(temporary))
            Assert.DoesNotContain(Directory.EnumerateDirectories(temporary),
                folder => Path.GetFileName(folder) is not ("blobs" or "locks"));
    }

    /// <summary>Sends a signal.</summary>
    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int Kill(int process, int signal);
}
