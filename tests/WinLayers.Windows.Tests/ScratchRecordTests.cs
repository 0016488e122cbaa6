using WinLayers.Windows.Errors;
using WinLayers.Windows.Scratch;

namespace WinLayers.Windows.Tests;

public sealed class ScratchRecordTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("winlayers-record-").FullName;

    private string RecordFile => Path.Join(_folder, "scratch.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Read_FolderOfAnotherProgram_IsASandbox() =>
        Assert.Equal(ScratchMethod.Sandbox, ScratchRecord.Read(_folder).Method);

    [Fact]
    public void Read_WhatWasWritten_IsTheSame()
    {
        new ScratchRecord { Method = ScratchMethod.StorageFilter }.Write(_folder);

        Assert.Equal(ScratchMethod.StorageFilter, ScratchRecord.Read(_folder).Method);
        Assert.Equal([RecordFile], Directory.GetFiles(_folder));
        Assert.Equal("""{"format":"winlayers.scratch/1","method":"StorageFilter"}""", File.ReadAllText(RecordFile));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("""{"format":"winlayers.scratch/2","method":"StorageFilter"}""")]
    [InlineData("""{"format":"winlayers.scratch/1","method":"Carrier pigeon"}""")]
    [InlineData("""{"format":"winlayers.scratch/1"}""")]
    [InlineData("""{"format":"winlayers.scratch/1","method":7}""")]
    [InlineData("""{"format":"winlayers.scratch/1","method":null}""")]
    [InlineData("""{"format":"\ud800","method":"StorageFilter"}""")]
    [InlineData("""{"format":"winlayers.scratch/1","method":"StorageFilter","isFresh":"yes"}""")]
    public void Read_WhatIsNotUnderstood_IsRefused(string text)
    {
        File.WriteAllText(RecordFile, text);

        HostStateException refused = Assert.Throws<HostStateException>(() => ScratchRecord.Read(_folder));

        Assert.Equal("WCL6007", refused.Code);
        Assert.Contains("scratch.json", refused.Message, StringComparison.Ordinal);
        Assert.NotNull(refused.Remedy);
    }

    [Fact]
    public void Read_FileMuchTooLong_IsNotReadIn()
    {
        File.WriteAllText(RecordFile, new string(' ', 1 << 20));

        Assert.Throws<HostStateException>(() => ScratchRecord.Read(_folder));
    }
}
