using System.Diagnostics;
using WinLayers.Formats.Tar;

namespace WinLayers.Formats.Tests.Tar;

/// <summary>Reads what other tools write: made on the spot where the tool is installed, skipped where it is not.</summary>
public sealed class OtherToolsTests : IDisposable
{
    private static readonly DateTime Time = new(2024, 2, 29, 12, 34, 56, DateTimeKind.Utc);

    private readonly string _folder = Directory.CreateTempSubdirectory("winlayers-tar-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("tar", "--format=v7")]
    [InlineData("tar", "--format=oldgnu")]
    [InlineData("tar", "--format=gnu")]
    [InlineData("tar", "--format=ustar")]
    [InlineData("tar", "--format=posix")]
    [InlineData("bsdtar", "--format=v7")]
    [InlineData("bsdtar", "--format=ustar")]
    [InlineData("bsdtar", "--format=gnutar")]
    [InlineData("bsdtar", "--format=pax")]
    public void Read_ArchiveOfAnotherTool_HasWhatWasPutIn(string tool, string format)
    {
        SkipWithout(tool);
        bool isLong = !format.EndsWith("v7", StringComparison.Ordinal);
        bool isLonger = isLong && !format.EndsWith("ustar", StringComparison.Ordinal);
        string longName = new('n', isLonger ? 200 : isLong ? 90 : 40);
        string longDirectory = isLong ? $"Files/{new string('d', 80)}" : "Files/dir";
        Directory.CreateDirectory(Path.Combine(_folder, longDirectory));
        Put("Files/a.txt", "alpha");
        Put("Files/empty", "");
        Put($"{longDirectory}/{longName}", "deep");
        Put("Files/ünï 文件.txt", "uni");
        Put("Files/big", new string('b', 300_000));
        Run(tool: "ln", _folder, "Files/a.txt", "Files/z-hard");
        Run(tool: "ln", _folder, "-s", isLonger ? new string('t', 150) : "a.txt", "Files/z-soft");

        string tar = Path.Combine(_folder, "out.tar");
        Run(tool, _folder, format, "-cf", tar, "Files");
        using FileStream stream = File.OpenRead(tar);
        Dictionary<string, ReadEntry> all = stream.ReadAll().ToDictionary(read => read.Entry.Path.Value, StringComparer.Ordinal);

        Assert.Equal(9, all.Count);
        Assert.Equal(LayerEntryKind.Directory, all["Files"].Entry.Kind);
        Assert.Equal("", all["Files\\empty"].Text);
        Assert.Equal("deep", all[$"{longDirectory}/{longName}".Replace('/', '\\')].Text);
        Assert.Equal("uni", all["Files\\ünï 文件.txt"].Text);
        Assert.Equal(300_000, all["Files\\big"].Data.Length);
        Assert.Equal(Time, all["Files\\big"].Entry.Metadata.Times.Write.ToDateTimeOffset().UtcDateTime);
        Assert.Equal(isLonger ? new string('t', 150) : "a.txt", all["Files\\z-soft"].Entry.Metadata.Reparse!.PrintName);
        // Which of the two names comes first is the tool's choice.
        (LayerEntry link, ReadEntry file) = all["Files\\z-hard"].Entry.Kind == LayerEntryKind.HardLink
            ? (all["Files\\z-hard"].Entry, all["Files\\a.txt"])
            : (all["Files\\a.txt"].Entry, all["Files\\z-hard"]);
        Assert.Equal(LayerEntryKind.HardLink, link.Kind);
        Assert.Equal(file.Entry.Path, link.LinkTarget);
        Assert.Equal("alpha", file.Text);
    }

    [Theory]
    [InlineData("tar", "--format=gnu")]
    [InlineData("tar", "--format=posix", "--sparse-version=0.0")]
    [InlineData("tar", "--format=posix", "--sparse-version=0.1")]
    [InlineData("tar", "--format=posix", "--sparse-version=1.0")]
    [InlineData("bsdtar", "--format=pax")]
    public void Read_SparseFileOfAnotherTool_IsRefusedAndNotMisread(string tool, params string[] options)
    {
        SkipWithout(tool);
        Directory.CreateDirectory(Path.Combine(_folder, "Files"));
        using (FileStream sparse = File.Create(Path.Combine(_folder, "Files", "sparse")))
        {
            sparse.SetLength(8 << 20);
            sparse.Position = 4 << 20;
            sparse.WriteByte(1);
        }

        string tar = Path.Combine(_folder, "out.tar");
        Run(tool, _folder, [.. options, tool == "tar" ? "--sparse" : "--read-sparse", "-cf", tar, "Files"]);
        if (new FileInfo(tar).Length > 4 << 20)
            Assert.Skip($"{tool} found no hole on this file system.");
        using FileStream stream = File.OpenRead(tar);
        LayerRefusedException refusal = stream.AssertRefused(TarRules.Sparse);
        Assert.Equal(options.Length == 1 && tool == "tar", refusal.Detail.Contains("old format", StringComparison.Ordinal));
    }

    private static void SkipWithout(string tool)
    {
        bool installed =
            (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, tool)));
        if (OperatingSystem.IsWindows() || !installed)
            Assert.Skip($"{tool} is not installed.");
    }

    private static void Run(string tool, string folder, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(tool, arguments)
        {
            UseShellExecute = false,
            WorkingDirectory = folder,
            RedirectStandardError = true,
            Environment = { ["LC_ALL"] = "C.UTF-8" },
        })!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{tool} failed: {errors}");
    }

    private void Put(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        File.SetLastWriteTimeUtc(path, Time);
    }
}
