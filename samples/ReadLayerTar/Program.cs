using WinLayers.Formats.Tar;

// Lists a layer's uncompressed tar, with its security descriptors as SDDL: ReadLayerTar layer.tar

using FileStream tar = File.OpenRead(args[0]);
using LayerTarReader reader = new(tar);
while (reader.Read() is { } entry)
    Console.WriteLine($"{entry.Kind,-15} {entry.Path} {entry.Metadata.Security?.ToSddl()}");
