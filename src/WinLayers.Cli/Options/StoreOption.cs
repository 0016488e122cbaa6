using System.CommandLine;
using System.Text;
using System.Text.RegularExpressions;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Inputs;
using WinLayers.Formats.Text;
using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.References;
using WinLayers.Oci.Sources;
using WinLayers.Samples;
using WinLayers.Storage;

namespace WinLayers.Cli.Options;

/// <summary><c>--store DIR</c>.</summary>
internal sealed class StoreOption
{
    private const int LongestName = 200;

    private readonly Option<string?> _store = new("--store")
    {
        HelpName = "DIR",
        Description = "The store; else $WINLAYERS_STORE, else the system's place for data",
    };

    public StoreOption(Command verb) => verb.Options.Add(_store);

    /// <summary>Opens the store, and makes it where it is not there.</summary>
    public async Task<LayerStore> OpenAsync(Invocation call)
    {
        LayerStore store = await LayerStore.OpenAsync(call.Get(_store), call.CancellationToken).ConfigureAwait(false);
        call.Output.Detail($"store: {store.Root}");
        return store;
    }

    /// <summary>Where the store is, or would be.</summary>
    public string Location(Invocation call) => Path.GetFullPath(call.Get(_store) ?? LayerStore.DefaultLocation);

    /// <summary>Opens the store if it is there: a verb that only looks does not make one.</summary>
    public async Task<LayerStore?> OpenIfThereAsync(Invocation call) =>
        File.Exists(Path.Combine(Location(call), BlobStore.LayoutFile))
            || File.Exists(Location(call)) ? await OpenAsync(call).ConfigureAwait(false) : null;

    /// <summary>
    /// The name under which an image stands in the store's layout: the reference without <c>docker://</c>, which other tools would not
    /// expect. What
    /// no layout's name may hold becomes <c>-</c>, so that <c>oci:STORE:NAME</c> reaches every image.
    /// </summary>
    public static string NameOf(ImageReference reference)
    {
        const string registry = "docker://";
        string name = reference.ToString();
        if (name.StartsWith(registry, StringComparison.Ordinal))
            name = name[registry.Length..];
        if (LayoutReference.TryParse($"oci:.:{name}", out LayoutReference? whole) && whole.Name == name)
            return name;
        string clean =
            Regex.Replace(name, "[^A-Za-z0-9:]+", "-", RegexOptions.None, TimeSpan.FromSeconds(1))
            .Replace(":-", ":", StringComparison.Ordinal).TrimEnd('-', ':');
        if (reference is SampleReference)
            return clean;
        // Paths that differ only in what was replaced are not the same image.
        string mark = ContentHash.Of(Encoding.UTF8.GetBytes(name)).Hex[..8];
        return $"{(clean.Length > LongestName ? clean[..LongestName] : clean)}-{mark}";
    }

    /// <summary>The same of an image that was opened; null for one that was named by its digest.</summary>
    public static string? NameOf(IImageSource source) =>
        Digest.TryParse(source.Name, out _) ? null : NameOf(KnownTransports.Names.Parse(source.Name));

    /// <summary>The unpacked image with this manifest; null where there is none.</summary>
    public static ImageRecord? FindUnpacked(LayerStore? store, Digest manifest) =>
        store?.ListImages().FirstOrDefault(image => image.ManifestDigest == manifest);

    /// <summary>What an unpacked image is called.</summary>
    public static string Describe(ImageRecord image) =>
        image.References.Count > 0 ? SafeText.OneLine(string.Join(", ", image.References)) : image.ManifestDigest.ToString();
}
