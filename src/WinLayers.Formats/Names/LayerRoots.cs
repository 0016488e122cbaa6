using WinLayers.Formats.Text;

namespace WinLayers.Formats.Names;

/// <summary>The three directories at a layer's root that Windows knows. Their names are spelled here and nowhere else.</summary>
public static class LayerRoots
{
    /// <summary>The container's file system.</summary>
    public const string Files = "Files";

    /// <summary>Registry hives: those of a base layer, or what a layer changes in them.</summary>
    public const string Hives = "Hives";

    /// <summary>The Hyper-V utility VM, whose own file system is <see cref="Files"/> below it.</summary>
    public const string UtilityVm = "UtilityVM";

    /// <summary>The names, in the order in which a listing shows them.</summary>
    public static IReadOnlyList<string> All { get; } = [Files, Hives, UtilityVm];

    /// <summary><see cref="Files"/> as a path.</summary>
    public static LayerPath FilesPath { get; } = LayerPath.FromValue(Files);

    /// <summary><see cref="Hives"/> as a path.</summary>
    public static LayerPath HivesPath { get; } = LayerPath.FromValue(Hives);

    /// <summary><see cref="UtilityVm"/> as a path.</summary>
    public static LayerPath UtilityVmPath { get; } = LayerPath.FromValue(UtilityVm);

    /// <summary>The utility VM's file system: all that a layer above the base may change in it.</summary>
    public static LayerPath UtilityVmFilesPath { get; } = LayerPath.FromValue($@"{UtilityVm}\{Files}");

    /// <summary>The area that a root's name, in any letter case, stands for.</summary>
    public static LayerArea AreaOf(ReadOnlySpan<char> name) =>
        NtfsNames.Equal(name, Files) ? LayerArea.Files
        : NtfsNames.Equal(name, Hives) ? LayerArea.Hives
        : NtfsNames.Equal(name, UtilityVm) ? LayerArea.UtilityVm
        : LayerArea.Other;

    /// <summary>The name of an area's root as Windows spells it; null for <see cref="LayerArea.Other"/>.</summary>
    public static string? NameOf(LayerArea area) => area switch
    {
        LayerArea.Files => Files,
        LayerArea.Hives => Hives,
        LayerArea.UtilityVm => UtilityVm,
        _ => null,
    };
}
