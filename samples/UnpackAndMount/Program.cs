using WinLayers.Formats;
using WinLayers.Oci;
using WinLayers.Oci.Registries.Client;
using WinLayers.Oci.Sources;
using WinLayers.Storage;
using WinLayers.Unpacking;
using WinLayers.Windows;
using WinLayers.Windows.Scratch;

// Unpacks an image on Windows and mounts a scratch layer over it, until Enter is pressed. Run it elevated:
//   UnpackAndMount mcr.microsoft.com/windows/nanoserver:ltsc2022

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
    await using IImageSource source = await ImageTransports.Standard(registries).OpenAsync(args[0]);
    UnpackedImage image = await new ImageUnpacker(store, host).UnpackAsync(source, imageName: source.Name);

    await using ScratchLayer scratch =
        await host.CreateScratchAsync(Path.Join(store.ScratchFolder, Guid.NewGuid().ToString("N")), image.Chain);
    Console.WriteLine($"{image.Name} is mounted at {scratch.MountPath}. Press Enter to remove the scratch layer.");
    Console.ReadLine();
    return 0;
}
catch (WinLayersException e)
{
    Console.Error.WriteLine($"{e.Code}: {e.Message}\n{e.Remedy}");
    return 1;
}
