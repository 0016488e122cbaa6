using FsCheck;
using FsCheck.Fluent;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Ntfs.Backup;

namespace WinLayers.Formats.Tests.Ntfs;

/// <summary>What holds for every value: written and read again, it is the same.</summary>
public sealed class NtfsProperties
{
    private static readonly Gen<char> Unit = Gen.Frequency(
        (8, Gen.Choose(1, 0x7E).Select(c => (char)c)),
        (2, Gen.Choose(1, 0xFFFF).Select(c => (char)c)),
        (1, Gen.Elements('/', '\\', ':', '?', '.')));

    private static readonly Gen<string> Text = Unit.NonEmptyListOf().Select(units => new string([.. units]));

    private static readonly Gen<string> Target =
        from prefix in Gen.Elements("", "C:\\", "\\\\?\\", "\\\\", "\\??\\", "../", "/")
        from rest in Text
        select prefix + rest;

    private static readonly Gen<byte[]> Bytes = Gen.Choose(0, 255).Select(b => (byte)b).ListOf().Select(bytes => bytes.ToArray());

    private static readonly Gen<ExtendedAttribute> Attribute =
        from length in Gen.Choose(1, 40)
        from name in Gen.Choose(1, 0x24F).Where(c => c is < 0x80 or > 0x9F).Select(c => (char)c).ListOf(length)
        from value in Bytes
        from flags in Gen.Elements((byte)0, (byte)0x80)
        select new ExtendedAttribute(new string([.. name]), value, flags);

    private static readonly Gen<string> BareStreamName =
        Text.Select(text => string.Concat(text.Where(c => c is not (':' or '/' or '\\')).Take(LayerPath.MaxComponent)))
            .Where(name => name.Length > 0);

    [Fact]
    public void ReparsePoint_FromTarget_KeepsTheTarget() =>
        Prop.ForAll(Target.ToArbitrary(), Gen.Elements(true, false).ToArbitrary(), (target, isMountPoint) =>
        {
            ReparsePoint made = ReparsePoint.FromTarget(target, isMountPoint);
            ReparsePoint read = ReparsePoint.FromBuffer(made.Buffer.Span);
            return read.Equals(made) && read.PrintName == target.Replace('/', '\\') && read.IsMountPoint == isMountPoint
                && ReparsePoint.FromTarget(read.PrintName, isMountPoint).Equals(made);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void ExtendedAttributes_FromItems_KeepsEveryItem() =>
        Prop.ForAll(Attribute.NonEmptyListOf().Select(items => items.ToArray()).ToArbitrary(), items =>
        {
            ExtendedAttributes made = ExtendedAttributes.FromItems(items);
            return made.Items.SequenceEqual(items.OrderBy(item => item.Name, StringComparer.Ordinal))
                && ExtendedAttributes.FromItems(made.Items).Equals(made) && made.List.Length % 4 == 0;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void BackupStream_WrittenAndRead_KeepsEveryRecord()
    {
        Gen<(string Name, byte[] Data)> stream = BareStreamName.SelectMany(_ => Bytes, (name, data) => (name, data));
        Prop.ForAll(stream.ListOf().Select(streams => streams.ToArray()).ToArbitrary(), Bytes.ToArbitrary(), Target.ToArbitrary(),
            (streams, data, target) =>
        {
            ReparsePoint reparse = ReparsePoint.FromTarget(target, isMountPoint: false);
            using MemoryStream bytes = new();
            BackupStreamWriter writer = new(bytes);
            writer.WriteReparse(reparse);
            writer.WriteData(new MemoryStream(data), data.Length);
            foreach ((string name, byte[] content) in streams)
                writer.WriteAlternate(name, new MemoryStream(content), content.Length);

            bytes.Position = 0;
            BackupStreamReader reader = new(bytes);
            return reader.ReadNext()!.ReadReparse().Equals(reparse)
                && ReadAll(reader.ReadNext()!).SequenceEqual(data)
                && streams.All(
                    expected => reader.ReadNext() is { } record && record.AlternateName == expected.Name
                    && ReadAll(record).SequenceEqual(expected.Data))
                && reader.ReadNext() is null;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void LayerPath_OfItsOwnText_IsItself() =>
        Prop.ForAll(Text.ToArbitrary(), text =>
        {
            LayerPath path;
            try
            {
                path = LayerPath.Parse(text);
            }
            catch (LayerRefusedException)
            {
                return true;
            }

            return LayerPath.Parse(path.ToTarName()).Value == path.Value && LayerPath.FromValue(path.Value).Value == path.Value
                && (path.IsRoot || path.Parent.Child(path.Name.ToString()).Value == path.Value)
                && (path.IsRoot || path.IsBelow(path.Parent));
        }).QuickCheckThrowOnFailure();

    private static byte[] ReadAll(BackupRecord record)
    {
        byte[] bytes = new byte[record.Length];
        record.Body.ReadExactly(bytes);
        return bytes;
    }
}
