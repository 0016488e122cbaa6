using WinLayers.Oci.Disk;
using WinLayers.Testing;

namespace WinLayers.Oci.Tests.Disk;

public sealed class WorkBesideTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Dispose_RemovesAllThatWasMadeUnderItsNames_AndNothingElse()
    {
        File.WriteAllText(_folder["out"], "target");
        File.WriteAllText(_folder["out.tmp-else"], "somebody's");
        using (var work = WorkBeside.Start(_folder["out"]))
        {
            Directory.CreateDirectory(work.Stem);
            File.WriteAllText(Path.Combine(work.Stem, "inside"), "x");
            File.WriteAllText(work.Stem + ".plan", "x");
        }

        Assert.Equal(["out", "out.tmp-else"], Names());
    }

    [Fact]
    public void Start_RemovesWhatKilledRunsLeft_AndNothingOfARunThatGoesOn()
    {
        using var alive = WorkBeside.Start(_folder["out"]);
        File.WriteAllText(alive.Stem + ".a", "x");
        string killed = _folder["out.tmp-" + new string('a', 32)];
        Directory.CreateDirectory(killed);
        File.WriteAllText(killed + ".lock", "");
        File.WriteAllText(_folder["other.tmp-" + new string('b', 32) + ".lock"], "");

        using (WorkBeside.Start(_folder["out"]))
            Assert.False(Directory.Exists(killed));

        string stem = Path.GetFileName(alive.Stem);
        Assert.Equal([.. new[] { stem + ".a", stem + ".lock", "other.tmp-" + new string('b', 32) + ".lock" }.Order(StringComparer.Ordinal)],
            Names());
    }

    [Fact]
    public void Start_WhereThereIsNoFolder_IsOneError() =>
        Assert.Equal("WCL5024", Assert.Throws<DiskException>(() => WorkBeside.Start(_folder["none/out"])).Code);

    [Fact]
    public void PartialFile_HasNoNameBeforeItIsWhole_AndTakesNobodysPlace()
    {
        string path = _folder["out"];
        using (var file = PartialFile.Create(path))
        {
            file.Stream.Write("whole"u8);
            if (OperatingSystem.IsLinux())
                Assert.Empty(Names());
            file.Publish();
        }

        Assert.Equal("whole", File.ReadAllText(path));
        Assert.Equal(["out"], Names());
        using (var second = PartialFile.Create(path))
            Assert.Equal(DiskFailure.AlreadyThere, Assert.Throws<DiskException>(second.Publish).Reason);
        Assert.Equal(["out"], Names());
    }

    private string[] Names() =>
        [.. Directory.EnumerateFileSystemEntries(_folder.FolderPath).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];
}
