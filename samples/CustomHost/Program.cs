using WinLayers.CustomHost;
using WinLayers.Oci;
using WinLayers.Oci.Sources;
using WinLayers.Portable;
using WinLayers.Samples;
using WinLayers.Storage;
using WinLayers.Unpacking;

// A host of one's own that wraps another: every step of an unpack passes through it and can be watched, changed or refused.

LayerStore store = await LayerStore.OpenAsync("store");
await using IImageSource source = await ImageTransports.Standard().WithSamples().OpenAsync("sample:default");
UnpackedImage image = await new ImageUnpacker(store, new WatchingHost(PortableLayerHost.Instance, Console.Out)).UnpackAsync(source);
Console.WriteLine($"{image.Name}: {image.Chain.Count} layers in {image.Elapsed.TotalSeconds:F1} s");
