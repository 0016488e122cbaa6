using System.Text.Json;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Options;
using WinLayers.Layers;
using WinLayers.Storage;

namespace WinLayers.Cli.Inputs;

/// <summary>A folder that may be destroyed: it is a layer beyond doubt, holds nothing else, and nobody that can be seen stands on it.</summary>
/// <param name="Folder">The folder, absolute.</param>
/// <param name="IsPortable">Whether the portable host made it, else Windows.</param>
internal sealed record DestroyableLayer(string Folder, bool IsPortable)
{
    private const string PortableIndex = "layer.jsonl";
    private const string StoreRecord = "stored.json";
    private const string ScratchDisk = "sandbox.vhdx";
    private const int LongestHeader = 64 << 10;

    private static readonly HashSet<string> PortableContents =
        new(StringComparer.OrdinalIgnoreCase) { "Files", "Hives", "UtilityVM", "streams", PortableIndex, LayerChain.FileName, "bcd.bak", "bcd.log.bak", "bcd.log1.bak", "bcd.log2.bak" };

    private static readonly HashSet<string> WindowsContents =
        new(StringComparer.OrdinalIgnoreCase) { "Files", "Hives", "UtilityVM", LayerChain.FileName, "blank.vhdx", "blank-base.vhdx", "layout", "bcd.bak", "bcd.log.bak", "bcd.log1.bak", "bcd.log2.bak" };

    /// <summary>Looks at the folder, and refuses it where there is any doubt.</summary>
    /// <exception cref="CommandFailedException">The folder may not be destroyed.</exception>
    public static async Task<DestroyableLayer> RequireAsync(string folder, CancellationToken cancellationToken)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (new DirectoryInfo(full).LinkTarget is not null)
            throw CommandFailedException.NotSuitable(folder, "is a link, not a layer's folder", "Name the folder that it leads to");
        if (File.Exists(Path.Combine(full, StoreRecord)))
            await RefuseStoredAsync(folder, full, cancellationToken).ConfigureAwait(false);
        if (File.Exists(Path.Combine(full, ScratchDisk)))
            throw CommandFailedException.NotSuitable(folder, "is a scratch layer", "'winlayers scratch remove' unmounts it and removes it");

        bool isPortable = HasPortableIndex(full);
        if (!isPortable && !HasMarksOfWindows(full))
            throw CommandFailedException.NotSuitable(folder, "is not a layer's folder", "One holds layer.jsonl, or Files with Hives, layerchain.json or blank.vhdx; other folders are yours to remove");
        HashSet<string> known = isPortable ? PortableContents : WindowsContents;
        if (Directory.EnumerateFileSystemEntries(full).Select(Path.GetFileName).FirstOrDefault(name => !known.Contains(name!)) is { } stranger)
            throw CommandFailedException.NotSuitable(folder, $"holds '{stranger}', which is no part of a layer", "Move it away first, or remove the folder yourself");
        if (ChildOf(full) is { } child)
            throw CommandFailedException.NotSuitable(folder, $"is a layer that '{child}' stands on", "Destroy that one first");
        return new DestroyableLayer(full, isPortable);
    }

    // A store removes layers itself: it knows who needs them, waits for who works with them, and is whole when it is killed meanwhile.
    private static async Task RefuseStoredAsync(string folder, string full, CancellationToken cancellationToken)
    {
        const string collect = "'winlayers gc' removes the layers of a store that nothing needs";
        string? root = Path.GetDirectoryName(Path.GetDirectoryName(full));
        if (root is null || !File.Exists(Path.Combine(root, "oci-layout")))
            throw CommandFailedException.NotSuitable(folder, $"was made for a store, which is not around it ({StoreRecord})", "Remove that file first if no store has it");
        LayerStore store = await LayerStore.OpenAsync(root, cancellationToken).ConfigureAwait(false);
        ImageRecord? image = store.ListImages().FirstOrDefault(one => one.Chain.Any(id => IsSame(id.Hex, Path.GetFileName(full))));
        if (image is not null)
            throw CommandFailedException.NotSuitable(folder, $"is a layer of {StoreOption.Describe(image)}", $"Destroy the image instead; then {collect}");
        throw CommandFailedException.NotSuitable(folder, $"is a layer of the store '{root}'", $"With --store {root}, {collect}");
    }

    private static bool HasPortableIndex(string folder)
    {
        string index = Path.Combine(folder, PortableIndex);
        if (!File.Exists(index))
            return false;
        byte[] start = new byte[LongestHeader];
        using FileStream file = File.OpenRead(index);
        int length = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        int line = start.AsSpan(0, length).IndexOf((byte)'\n');
        if (line < 0)
            return false;
        try
        {
            using var header = JsonDocument.Parse(start.AsMemory(0, line), new JsonDocumentOptions { AllowDuplicateProperties = false });
            return header.RootElement.TryGetProperty("format", out JsonElement format) && format.ValueEquals("winlayers.layer/1");
        }
        catch (Exception damage) when (damage is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static bool HasMarksOfWindows(string folder) =>
        Directory.Exists(Path.Combine(folder, "Files"))
        && (Directory.Exists(Path.Combine(folder, "Hives")) || File.Exists(Path.Combine(folder, "blank.vhdx")) || Parents(folder) is not null);

    // Layers and scratch layers stand side by side as a rule; those elsewhere on the machine cannot be known.
    private static string? ChildOf(string folder)
    {
        string around = Path.GetDirectoryName(folder) ?? folder;
        EnumerationOptions options = new() { AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true };
        return Directory.EnumerateDirectories(around, "*", options)
            .FirstOrDefault(beside => Parents(beside)?.Any(parent => IsSame(Path.TrimEndingDirectorySeparator(parent), folder)) == true);
    }

    private static IReadOnlyList<string>? Parents(string folder)
    {
        try
        {
            return LayerChain.ReadFile(folder);
        }
        catch (LayerRefusedException)
        {
            // Not a chain, so no mark of a layer either.
            return null;
        }
    }

    private static bool IsSame(string one, string other) =>
        string.Equals(one, other, OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);
}
