using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using WinLayers.Formats.Ntfs.Security;
using WinLayers.Formats.Tar;
using WinLayers.Portable;
using WinLayers.Testing;
using static WinLayers.Testing.TestLayers;

namespace WinLayers.Tests.Portable;

/// <summary>A layer in which every file has a large descriptor of its own costs no more memory than some megabytes of them do.</summary>
public sealed class DescriptorTableTests : IDisposable
{
    private const int DescriptorBytes = 60_000;

    private readonly TestLayers _layers = new();

    public void Dispose() => _layers.Dispose();

    [Fact]
    public void CreateFile_MoreDescriptorsThanAreRemembered_WritesAForgottenOneAgainAndReadsBackEach()
    {
        const int count = 300; // 18 MB, where 16 MiB are remembered
        using PortableTree tree = _layers.Make("a", volume =>
        {
            volume.Dir("Files");
            for (int i = 0; i < count; i++)
                volume.File($"Files\\{i}", "", Plain with { Security = Descriptor(i) });
            volume.File("Files\\first", "", Plain with { Security = Descriptor(0) });
            volume.File("Files\\last", "", Plain with { Security = Descriptor(count - 1) });
        });

        IEnumerable<string> lines = File.ReadLines(Path.Combine(tree.Location, "layer.jsonl"));
        Assert.Equal(count + 1, lines.Count(line => line.StartsWith("{\"sd\"", StringComparison.Ordinal)));
        for (int i = 0; i < count; i++)
            Assert.Equal(Descriptor(i), tree.ReadMetadata(P($"Files\\{i}")).Security);
        Assert.Equal(Descriptor(0), tree.ReadMetadata(P("Files\\first")).Security);
        Assert.Equal(Descriptor(count - 1), tree.ReadMetadata(P("Files\\last")).Security);
    }

    [Fact]
    public void ReadMetadata_DescriptorsOfManyFiles_AreNotAllKept()
    {
        const int count = 300; // 256 are remembered
        using PortableTree tree = _layers.Make("a", volume =>
        {
            volume.Dir("Files");
            for (int i = 0; i < count; i++)
                volume.File($"Files\\{i}", "", Plain with { Security = Descriptor(i) });
        });

        WeakReference first = DescriptorOf(tree, 0);
        for (int i = 1; i < count; i++)
            DescriptorOf(tree, i);

        GC.Collect();
        Assert.False(first.IsAlive);
    }

    [Fact]
    public void Read_LayerWithMoreDescriptorsThanAreRemembered_LetsTheFirstGo()
    {
        const int count = 100; // 8 MB as text, where 4 MiB are remembered
        LayerTar tar = LayerTar.New().Directory("Files");
        for (int i = 0; i < count; i++)
            tar.File($"Files/{i}", "", Pax.Security(Descriptor(i).Bytes.ToArray()));
        using LayerTarReader reader = new(tar.Open());

        WeakReference first = NextDescriptor(reader);
        for (int i = 1; i < count; i++)
            NextDescriptor(reader);

        GC.Collect();
        Assert.False(first.IsAlive);
    }

    // Apart, so that no local of a test keeps what it is to see released.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference DescriptorOf(PortableTree tree, int i) => new(tree.ReadMetadata(P($"Files\\{i}")).Security!);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference NextDescriptor(LayerTarReader reader)
    {
        while (true)
        {
            if (reader.Read()!.Metadata.Security is { } descriptor)
                return new WeakReference(descriptor);
        }
    }

    // A DACL without entries and with room behind them, as its size field may have: the number is written there.
    private static SecurityDescriptor Descriptor(int number)
    {
        const int header = 20, daclPresent = 0x8004;
        byte[] bytes = new byte[DescriptorBytes];
        bytes[0] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2), daclPresent);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(16), header);
        bytes[header] = 2;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(header + 2), DescriptorBytes - header);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(DescriptorBytes - 4), number);
        return SecurityDescriptor.FromBytes(bytes);
    }
}
