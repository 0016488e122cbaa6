using System.Buffers.Binary;
using WinLayers.Formats;
using WinLayers.Formats.Hives;
using WinLayers.Testing.Hives;

namespace WinLayers.Fuzzing.Hives;

/// <summary>Logs of a dirty hive, of both kinds: whatever they hold, the hive opens, and is read or refused.</summary>
internal sealed class HiveLogTarget : FuzzTarget
{
    private static readonly byte[] Primary = MakeDirty();

    public override string Name => "hive-log";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        HiveLogBuilder.WriteNew(Primary, 6, HiveLogBuilder.Entry(6, 4096, (512, new byte[512].With(0, 1)))),
        HiveLogBuilder.WriteOld(Primary, (3, new byte[512])),
    ];

    public override IReadOnlyList<byte[]> Words { get; } = ["HvLE"u8.ToArray(), "DIRT"u8.ToArray(), [255, 255, 255, 255]];

    public override void Run(ReadOnlySpan<byte> input)
    {
        byte[] log = input.ToArray();
        if (log.Length >= HiveHeader.SectorLength)
            HiveBuilder.Seal(log);
        HiveLogBuilder.SealEntries(log);
        using Hive hive = Hive.Open(new MemoryStream(Primary), [new MemoryStream(log)]);
        Require(hive.IsDirty, "the file stays as it is");
        int count = 0;
        try
        {
            count = hive.EnumerateKeys().Count();
        }
        catch (LayerRefusedException refused)
        {
            Require(hive.AppliedLogEntries > 0, $"a whole hive is read where no log changed it, not refused: {refused.Message}");
        }

        Require(hive.AppliedLogEntries > 0 || count == 2, "what no log changed is read as it is");
    }

    private static byte[] MakeDirty()
    {
        byte[] file = HiveBuilder.Write(new KeySpec("R", new KeySpec("a")));
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(8), 6);
        HiveBuilder.Seal(file);
        return file;
    }
}

file static class Bytes
{
    public static byte[] With(this byte[] bytes, int index, byte value)
    {
        bytes[index] = value;
        return bytes;
    }
}
