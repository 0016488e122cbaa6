using System.Formats.Tar;
using WinLayers.Oci.Compression;
using WinLayers.Oci.Content;
using WinLayers.Oci.Documents;
using WinLayers.Testing;

namespace WinLayers.Oci.Tests.Compression;

public sealed class DecompressionTests
{
    [Theory]
    [InlineData(TarEntryFormat.V7)]
    [InlineData(TarEntryFormat.Ustar)]
    [InlineData(TarEntryFormat.Pax)]
    [InlineData(TarEntryFormat.Gnu)]
    public void Open_PlainTarUnderAnyType_PassesItOn(TarEntryFormat format)
    {
        using MemoryStream tar = new();
        using (TarWriter writer = new(tar, format, leaveOpen: true))
        {
            writer.WriteEntry(format switch
            {
                TarEntryFormat.V7 => new V7TarEntry(TarEntryType.V7RegularFile, "a"),
                TarEntryFormat.Ustar => new UstarTarEntry(TarEntryType.RegularFile, "a"),
                TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, "a"),
                _ => new PaxTarEntry(TarEntryType.RegularFile, "a"),
            });
        }

        using Stream opened = Decompression.Open(new Chunked(tar.ToArray(), 100), MediaTypes.OciLayerGZip);
        using MemoryStream all = new();
        opened.CopyTo(all);
        Assert.Equal(tar.ToArray(), all.ToArray());
    }

    [Fact]
    public void Open_EmptyTar_IsATar() => Assert.Equal(LayerCompression.None, Decompression.Detect(new byte[1024].AsSpan(0, 512)));

    [Theory]
    [InlineData("")]
    [InlineData("1f")]
    [InlineData("504b0304")]
    [InlineData("00000000")]
    [InlineData("425a68")]
    public void Open_NeitherTarNorCompressed_IsRefused(string start)
    {
        byte[] bytes = Convert.FromHexString(start);
        Assert.Equal("WCL3007",
            Assert.Throws<CompressionException>(() => Decompression.Open(new MemoryStream(bytes), MediaTypes.OciLayer)).Code);
    }

    [Fact]
    public void Open_TextOfABlockAndMore_IsRefused()
    {
        byte[] text = System.Text.Encoding.ASCII.GetBytes(new string('<', 2000));
        Assert.Equal("WCL3007",
            Assert.Throws<CompressionException>(() => Decompression.Open(new MemoryStream(text), MediaTypes.OciLayerGZip)).Code);
    }
}
