namespace WinLayers.Cli.Inputs;

/// <summary>Files and folders for completion; a folder ends in a slash, so that what is in it comes next.</summary>
internal static class CompletionFiles
{
    private const int Enough = 1000;

    /// <summary>What begins so.</summary>
    public static IEnumerable<string> StartingWith(string word)
    {
        int slash = word.LastIndexOf('/') + 1;
        string shown = word[..slash], start = word[slash..];
        var folder = new DirectoryInfo(shown.Length == 0 ? "." : shown.StartsWith("~/", StringComparison.Ordinal)
            ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), shown[2..]) : shown);
        if (!folder.Exists)
            return [];
        var readable = new EnumerationOptions { IgnoreInaccessible = true, AttributesToSkip = FileAttributes.None };
        return folder.EnumerateFileSystemInfos("*", readable)
            .Where(item => item.Name.StartsWith(start, StringComparison.Ordinal) && (start.Length > 0 || item.Name[0] != '.'))
            .Take(Enough).Select(item => shown + item.Name + (Directory.Exists(item.FullName) ? "/" : ""))
            .Order(StringComparer.Ordinal);
    }
}
