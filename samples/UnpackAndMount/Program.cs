// Unpacks an image on Windows and mounts a scratch layer over it, until Enter is pressed. Run it elevated:
//   UnpackAndMount mcr.microsoft.com/windows/nanoserver:ltsc2022
using WinLayers;
using WinLayers.Hosts.Hcs;
using WinLayers.Images;
using WinLayers.Sources;
using WinLayers.Sources.Registry;
using WinLayers.Storage;
using WinLayers.Unpacking;

if (!OperatingSystem.IsWindows())
{
    Console.Error.WriteLine("Scratch layers are mounted by Windows.");
    return 1;
}

try
{
    HcsLayerHost host = new();
    LayerStore store = await LayerStore.OpenAsync();
    using RegistryClient registries = new();
    ImageReference reference = ImageReference.Parse(args[0]);
    await using IImageSource source = await ImageSources.OpenAsync(reference, registries);
    UnpackedImage image = await new ImageUnpacker(store, host).UnpackAsync(source, imageName: reference.ToString());

    string[] chain = [.. image.Chain.Select(layer => layer.Layer.Folder)];
    await using ScratchLayer scratch = await host.CreateScratchAsync(Path.Join(store.ScratchFolder, Guid.NewGuid().ToString("N")), chain);
    Console.WriteLine($"{image.Name} is mounted at {scratch.MountPath}. Press Enter to remove the scratch layer.");
    Console.ReadLine();
    return 0;
}
catch (WinLayersException e)
{
    Console.Error.WriteLine($"{e.Code}: {e.Message}\n{e.Remedy}");
    return 1;
}
