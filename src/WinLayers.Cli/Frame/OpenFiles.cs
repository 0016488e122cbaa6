namespace WinLayers.Cli.Frame;

/// <summary>
/// Whether this process may open files enough: with too few, a program cannot even load what it needs to say so, and is aborted.
/// </summary>
internal static class OpenFiles
{
    /// <summary>How many are needed beside those that are open when the program starts.</summary>
    public const int Needed = 128;

    /// <summary>Tries it. Costs about a millisecond.</summary>
    public static bool AreEnough()
    {
        if (OperatingSystem.IsWindows() || Environment.ProcessPath is not { } file)
            return true;
        List<FileStream> open = new(Needed);
        try
        {
            for (int i = 0; i < Needed; i++)
                open.Add(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0));
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            // A program that may be run and not be read: then it is not known.
            return true;
        }
        catch (IOException)
        {
            return false;
        }
        finally
        {
            foreach (FileStream one in open)
                one.Dispose();
        }
    }
}
