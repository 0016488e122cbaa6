using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using WinLayers.Windows.Interop;

namespace WinLayers.Windows.Tests;

/// <summary>Sizes and offsets as the Windows headers have them on x64 and arm64, which are the same.</summary>
public sealed class InteropLayoutTests
{
    [Fact]
    public void Structures_HaveTheSizesOfTheHeaders()
    {
        Assert.Equal(16, Unsafe.SizeOf<DriverInfo>());
        Assert.Equal(32, Unsafe.SizeOf<LayerDescriptor>());
        Assert.Equal(40, Unsafe.SizeOf<FileBasicInformation>());
        Assert.Equal(24, Unsafe.SizeOf<FileStandardInformation>());
        Assert.Equal(24, Unsafe.SizeOf<FileIdInformation>());
        Assert.Equal(16, Unsafe.SizeOf<UnicodeString>());
        Assert.Equal(48, Unsafe.SizeOf<ObjectAttributes>());
        Assert.Equal(16, Unsafe.SizeOf<IoStatusBlock>());
        Assert.Equal(24, Unsafe.SizeOf<FileLinkInformation>());
        Assert.Equal(20, Unsafe.SizeOf<VirtualStorageType>());
        Assert.Equal(40, Unsafe.SizeOf<OpenVirtualDiskParameters>());
    }

    [Theory]
    [InlineData(typeof(DriverInfo), nameof(DriverInfo.Home), 8)]
    [InlineData(typeof(LayerDescriptor), nameof(LayerDescriptor.Flags), 16)]
    [InlineData(typeof(LayerDescriptor), nameof(LayerDescriptor.Path), 24)]
    [InlineData(typeof(ObjectAttributes), nameof(ObjectAttributes.RootDirectory), 8)]
    [InlineData(typeof(ObjectAttributes), nameof(ObjectAttributes.ObjectName), 16)]
    [InlineData(typeof(ObjectAttributes), nameof(ObjectAttributes.Attributes), 24)]
    [InlineData(typeof(FileBasicInformation), nameof(FileBasicInformation.Attributes), 32)]
    [InlineData(typeof(FileLinkInformation), nameof(FileLinkInformation.FileNameLength), 16)]
    public void Fields_StandWhereTheHeadersHaveThem(Type type, string field, int offset) =>
        Assert.Equal(offset, (int)Marshal.OffsetOf(type, field));

    [Fact]
    public unsafe void DriverInfo_HomeIsAnEmptyStringAndNotNull()
    {
        DriverInfo info = DriverInfo.FilterDriver;

        Assert.Equal(1u, info.Flavour);
        Assert.True(info.Home != null);
        Assert.Equal('\0', *info.Home);
    }

    [Fact]
    public unsafe void LayerDescriptors_KeepIdsAndPathsInOrder()
    {
        Guid first = Guid.NewGuid(), second = Guid.NewGuid();
        using LayerDescriptors descriptors = new([(first, @"\\?\C:\one"), (second, @"\\?\C:\two")]);

        Assert.Equal(2u, descriptors.Count);
        Assert.Equal(first, descriptors.Pointer[0].Id);
        Assert.Equal(@"\\?\C:\two", new string(descriptors.Pointer[1].Path));
        Assert.Equal(0u, descriptors.Pointer[1].Flags);
    }

    [Fact]
    public unsafe void LayerDescriptors_OfNoLayers_AreANullPointer()
    {
        using LayerDescriptors descriptors = new([]);

        Assert.True(descriptors.Pointer == null);
        Assert.False(descriptors.IsInvalid);
    }
}
