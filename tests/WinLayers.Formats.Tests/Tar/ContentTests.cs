using System.Text;
using WinLayers.Formats.Tar;
using WinLayers.Testing;

namespace WinLayers.Formats.Tests.Tar;

/// <summary>Bodies and alternate streams: read, half read, not read, read too late.</summary>
public sealed class ContentTests
{
    private static readonly byte[] Big = [.. Enumerable.Range(0, 700_001).Select(i => (byte)(i * 31))];

    private static LayerTar Sample => LayerTar.New()
        .Directory("Files/d").Stream("Files/d", "onDir", "dd")
        .File("Files/a", Big).Stream("Files/a", "one", "1").Stream("Files/a", "two:$DATA", "22")
        .File("Files/b", "bee");

    [Fact]
    public void Read_StreamsAfterTheirEntry_AreItsContent()
    {
        List<ReadEntry> all = Sample.Open().ReadAll();
        Assert.Equal(["Files\\d", "Files\\a", "Files\\b"], all.Select(read => read.Entry.Path.Value));
        Assert.Equal([("onDir", "dd")], Texts(all[0]));
        Assert.Equal([("one", "1"), ("two", "22")], Texts(all[1]));
        Assert.Equal(Big, all[1].Data);
        Assert.Empty(all[2].Streams);
        Assert.Equal("bee", all[2].Text);
    }

    [Fact]
    public void Read_ContentLeftUnread_IsPassedOver()
    {
        using LayerTarReader reader = new(Sample.Open());
        List<string> names = [];
        while (reader.Read() is { } entry)
            names.Add(entry.TarName);
        Assert.Equal(["Files/d", "Files/a", "Files/b"], names);
    }

    [Fact]
    public void NextStream_WithDataHalfRead_GoesOn()
    {
        using LayerTarReader reader = new(Sample.Open());
        reader.Read();
        LayerEntry entry = reader.Read()!;
        entry.Content.Data.ReadExactly(new byte[1000]);
        Assert.Equal("one", entry.Content.NextStream()!.Name);
        AlternateStream second = entry.Content.NextStream()!;
        Assert.Equal(2, second.Data.Length);
        Assert.Null(entry.Content.NextStream());
        Assert.Null(entry.Content.NextStream());
        Assert.Equal("bee", Assert.Single(reader.ReadAll()).Text);
    }

    [Fact]
    public void Content_AfterTheReaderMovedOn_IsNotReadable()
    {
        using LayerTarReader reader = new(Sample.Open());
        reader.Read();
        LayerEntry entry = reader.Read()!;
        AlternateStream stream = entry.Content.NextStream()!;
        Assert.Throws<InvalidOperationException>(() => entry.Content.Data.ReadByte());
        reader.Read();
        Assert.Throws<InvalidOperationException>(() => stream.Data.ReadByte());
        Assert.Throws<InvalidOperationException>(() => entry.Content.NextStream());
    }

    [Theory]
    [InlineData("Files/a", "FILES/A:s")]
    [InlineData("./Files/a", "Files/a:s")]
    [InlineData("Files/d/", "Files/d:s")]
    [InlineData("Files/d/", "Files/d/:s")]
    public void Read_StreamWhoseFileIsSpeltAnotherWay_IsStillItsStream(string name, string streamName) =>
        Assert.Single(LayerTar.New().File(name).File(streamName, "x").Open().ReadOne().Streams);

    [Fact]
    public void Read_StreamOfASymbolicLink_IsItsStream() =>
        Assert.Single(LayerTar.New().SymbolicLink("Files/l", "a").Stream("Files/l", "s", "x").Open().ReadOne().Streams);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(511)]
    [InlineData(512)]
    [InlineData(513)]
    [InlineData(130_560)]
    [InlineData(131_072)]
    [InlineData(131_073)]
    public void Read_BodyOfAnyLength_ComesWhole(int length)
    {
        byte[] body = Big[..length];
        List<ReadEntry> all = LayerTar.New().File("Files/a", body).File("Files/b", "after").Open().ReadAll();
        Assert.Equal(body, all[0].Data);
        Assert.Equal("after", all[1].Text);
    }

    [Fact]
    public void Read_OneByteAtATime_ReadsTheSame()
    {
        using LayerTarReader reader = new(new TrickleStream(Sample.ToArray()));
        List<ReadEntry> all = reader.ReadAll();
        Assert.Equal(Big, all[1].Data);
        Assert.Equal("bee", all[2].Text);
    }

    [Fact]
    public void Read_TarCutAnywhere_EndsOrIsRefusedAsTruncated()
    {
        LayerTar tar = LayerTar.New();
        tar.Directory("Files", Pax.Attributes(0x10));
        List<long> whole = [0, tar.Length];
        tar.File("Files/a", new byte[600], Pax.Attributes(0x20));
        whole.Add(tar.Length);
        tar.Stream("Files/a", "s", "x");
        whole.Add(tar.Length);
        tar.Add(new TarSpec { Name = "cut", GnuLongName = "Files/b", Type = '1', LinkName = "Files/a" });
        whole.Add(tar.Length);
        byte[] bytes = tar.ToArray();
        whole.Add(bytes.Length);
        for (int length = 0; length < bytes.Length; length++)
        {
            using LayerTarReader reader = new(new MemoryStream(bytes, 0, length));
            if (whole.Contains(length) || length == whole[4] + 512)
            {
                reader.ReadAll();
                Assert.Equal(length, reader.Position);
            }
            else
            {
                LayerRefusedException refusal = Assert.Throws<LayerRefusedException>(reader.ReadAll);
                Assert.Contains(refusal.Rule, (LayerRule[])[TarRules.Truncated, TarRules.HeaderOrder]);
            }
        }
    }

    [Fact]
    public void Read_StreamThatFails_FailsWithItsErrorAndStaysFailed()
    {
        using LayerTarReader reader = new(new FailingStream());
        Assert.Throws<TimeoutException>(() => reader.Read());
        Assert.IsType<TimeoutException>(Assert.Throws<InvalidOperationException>(() => reader.Read()).InnerException);
    }

    private static IEnumerable<(string Name, string Text)> Texts(ReadEntry read) =>
        read.Streams.Select(stream => (stream.Name, Encoding.UTF8.GetString(stream.Bytes)));

    private sealed class FailingStream : MemoryStream
    {
        public override int Read(Span<byte> buffer) => throw new TimeoutException();
    }
}
