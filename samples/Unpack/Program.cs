using WinLayers.Oci;
using WinLayers.Oci.Sources;
using WinLayers.Portable;
using WinLayers.Samples;
using WinLayers.Storage;
using WinLayers.Unpacking;

LayerStore store = await LayerStore.OpenAsync("store");
await using IImageSource source = await ImageTransports.Standard().WithSamples().OpenAsync("sample:default");
UnpackedImage image = await new ImageUnpacker(store, PortableLayerHost.Instance).UnpackAsync(source);
foreach (string folder in image.Chain)
    Console.WriteLine(folder);
