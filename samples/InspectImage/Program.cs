using WinLayers.Oci;
using WinLayers.Oci.Registries.Client;
using WinLayers.Oci.Sources;

// Shows an image's platform and layers, of which nothing is fetched: InspectImage mcr.microsoft.com/windows/nanoserver:ltsc2022

using RegistryClient registries = new();
await using IImageSource source = await ImageTransports.Standard(registries).OpenAsync(args[0]);
ResolvedImage image = await ImageResolver.ResolveAsync(source);
Console.WriteLine($"{image.Name}: {image.Platform.Os}/{image.Platform.Architecture} {image.Platform.OsVersion}");
foreach (ResolvedLayer layer in image.Layers)
    Console.WriteLine($"{layer.Descriptor.Digest} {layer.Descriptor.Size:N0} bytes, {layer.Descriptor.MediaType}");
