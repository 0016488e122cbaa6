using WinLayers.Formats;
using WinLayers.Oci;
using WinLayers.Oci.Registries.Client;
using WinLayers.Oci.Sources;
using WinLayers.Samples;
using WinLayers.Storage;
using WinLayers.Unpacking;
using WinLayers.Windows;
using WinLayers.Windows.Scratch;
using WinLayers.Windows.UtilityVm;

// What a container runtime does with an image on Windows, from the registry to the end of a container. Run it elevated:
//   Runtime start mcr.microsoft.com/windows/nanoserver:ltsc2022 C:\containers\web C:\store
//   Runtime resume C:\containers\web     after a restart of the runtime, while the container may still run
//   Runtime stop C:\containers\web

if (!OperatingSystem.IsWindows())
{
    Console.Error.WriteLine("Scratch layers are mounted by Windows.");
    return 1;
}

HcsLayerHost host = new();
IRuntimeStorage storage = host; // a runtime's tests put a fake here
try
{
    switch (args)
    {
        case ["start", var reference, var folder, var place]:
            await StartAsync(reference, folder, place);
            return 0;

        case ["resume", var folder]:
            // A layer that is mounted is left as it is, and its container with it; one that is not is mounted again.
            IScratchLayer found = storage.OpenScratch(folder);
            Console.WriteLine(found.MountPath is { } live ? $"live at {live}" : $"mounted at {await found.MountAsync()}");
            return 0;

        case ["stop", var folder]:
            await storage.OpenScratch(folder).RemoveAsync();
            if (Directory.Exists(MachineOf(folder)))
                Directory.Delete(MachineOf(folder), recursive: true);
            Console.WriteLine("gone");
            return 0;

        default:
            Console.Error.WriteLine("Runtime start IMAGE FOLDER STORE | resume FOLDER | stop FOLDER");
            return 2;
    }
}
catch (WinLayersException e)
{
    Console.Error.WriteLine($"{e.Code}: {e.Message}\n{e.Remedy}");
    return 1;
}

static string MachineOf(string folder) => folder + ".vm";

async Task StartAsync(string reference, string folder, string place)
{
    LayerStore store = await LayerStore.OpenAsync(place);
    using RegistryClient registries = new();
    await using IImageSource source = await ImageTransports.Standard(registries).WithSamples().OpenAsync(reference);
    UnpackedImage image = await new ImageUnpacker(store, host).UnpackAsync(source, imageName: source.Name);

    // Process isolation: the container's file system is the volume.
    IScratchLayer scratch = await storage.CreateScratchAsync(folder, image.Chain);
    scratch.Keep();
    Console.WriteLine($"mounted at {scratch.MountPath}");

    // Hyper-V isolation: a machine boots from the chain's Utility VM, with a disk of its own, and reads the layers.
    UtilityVmBoot boot = storage.LocateUtilityVm(image.Chain);
    string machine = $"{Path.GetFileName(folder)}@vm";
    string disk = storage.CreateUtilityVmScratch(image.Chain, machine, MachineOf(folder));
    storage.GrantVmAccess(machine, [boot.OsFilesFolder, .. image.Chain]);
    Console.WriteLine($"boots {boot.BootPath} of {boot.OsFilesFolder} with {disk}");
}
