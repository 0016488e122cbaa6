using WinLayers.Formats;

namespace WinLayers.Cli.Frame;

/// <summary>A verb cannot do what it was asked for a reason that the command knows itself: exit code 1.</summary>
/// <remarks>Codes 1900 to 1999 are the command's own.</remarks>
internal sealed class CommandFailedException : WinLayersException
{
    private CommandFailedException(string code, string message)
        : base(code, message)
    {
    }

    /// <summary>The verb works on Windows alone; <paramref name="instead"/> says what works here.</summary>
    public static CommandFailedException NeedsWindows(string verb, string instead) =>
        new("WCL1901", $"'{verb}' needs the Host Compute Service of Windows, and this is not Windows") { Remedy = instead };

    /// <summary>A file or folder that the command line names is not there, or not what the verb takes.</summary>
    public static CommandFailedException NotThere(string what, string path, string remedy) =>
        new("WCL1902", $"{what} '{path}' is not there") { Remedy = remedy };

    /// <summary>An image is not in the store.</summary>
    public static CommandFailedException NotInStore(string image, string remedy) =>
        new("WCL1902", $"the image '{image}' is not in the store") { Remedy = remedy };

    /// <summary>Something stands where the verb would write.</summary>
    public static CommandFailedException AlreadyThere(string path, string remedy) =>
        new("WCL1903", $"'{path}' exists already") { Remedy = remedy };

    /// <summary>A path is not in the image or the layer.</summary>
    public static CommandFailedException NotInImage(string path, string image, string remedy) =>
        new("WCL1904", $"'{path}' is not in {image}") { Remedy = remedy };

    /// <summary>A folder is not of the kind that the verb takes.</summary>
    public static CommandFailedException NotSuitable(string path, string why, string remedy) =>
        new("WCL1905", $"'{path}' {why}") { Remedy = remedy };
}
