using WinLayers.Oci.References;
using WinLayers.Oci.Sources;

// Shows an image's platform and layers, of which nothing is fetched: InspectImage mcr.microsoft.com/windows/nanoserver:ltsc2022

using RegistryClient registries = new();
await using RegistrySource source = new(registries, (RegistryReference)ImageReference.Parse(args[0]));
ResolvedImage image = await ImageResolver.ResolveAsync(source, null, default);
Console.WriteLine($"{image.Name}: {image.Platform.Os}/{image.Platform.Architecture} {image.Platform.OsVersion}");
foreach (ResolvedLayer layer in image.Layers)
    Console.WriteLine($"{layer.Descriptor.Digest} {layer.Descriptor.Size:N0} bytes, {layer.Descriptor.MediaType}");
