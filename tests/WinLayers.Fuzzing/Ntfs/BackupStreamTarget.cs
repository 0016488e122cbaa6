using System.Text;
using WinLayers.Formats;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Ntfs.Backup;
using WinLayers.Formats.Ntfs.Security;

namespace WinLayers.Fuzzing.Ntfs;

/// <summary>Backup streams, from a source that can seek and from one that cannot: both must come to the same.</summary>
internal sealed class BackupStreamTarget : FuzzTarget
{
    public override string Name => "backup-stream";

    public override IReadOnlyList<byte[]> Seeds { get; } = [Whole(), Sparse()];

    public override IReadOnlyList<byte[]> Words { get; } =
    [
        .. Enumerable.Range(1, 10).Select(kind => BitConverter.GetBytes(kind)), new byte[20], Encoding.Unicode.GetBytes(":s:$DATA"),
            Encoding.Unicode.GetBytes(":"),
    ];

    public override void Run(ReadOnlySpan<byte> input)
    {
        byte[] bytes = input.ToArray();
        string seeking = Outcome(new MemoryStream(bytes, writable: false));
        string trickling = Outcome(new TricklingStream(bytes));
        Require(seeking == trickling, $"the source does not matter: '{seeking}' and '{trickling}'");
        // Refused twice in the same way: refuse it.
        if (!seeking.EndsWith('.'))
            throw new LayerRefusedException(NtfsRules.BackupStream, seeking.Split('!')[^1]);
    }

    private static string Outcome(Stream source)
    {
        StringBuilder outcome = new();
        try
        {
            BackupStreamReader reader = new(source);
            while (reader.ReadNext() is { } record)
            {
                outcome.Append((uint)record.Kind).Append(record.AlternateName).Append(record.SparseOffset).Append(' ');
                Read(record);
            }

            return outcome.Append('.').ToString();
        }
        catch (LayerRefusedException refused)
        {
            return outcome.Append('!').Append(refused.Rule.Name).ToString();
        }
    }

    private static void Read(BackupRecord record)
    {
        switch (record.Kind)
        {
            case BackupRecordKind.Security:
                record.ReadSecurity();
                break;
            case BackupRecordKind.ExtendedAttributes:
                record.ReadExtendedAttributes();
                break;
            case BackupRecordKind.Reparse:
                record.ReadReparse();
                break;
            case BackupRecordKind.AlternateData:
                // Left half read, so that the reader has to pass over the rest.
                record.Body.ReadByte();
                break;
            default:
                byte[] buffer = new byte[256];
                long total = 0;
                int read;
                while ((read = record.Body.Read(buffer)) > 0)
                    total += read;
                Require(total == record.Length, "a body is as long as it says");
                break;
        }
    }

    private static byte[] Whole()
    {
        using MemoryStream stream = new();
        BackupStreamWriter writer = new(stream);
        writer.WriteMetadata(new FileMetadata
        {
            Security = SecurityDescriptor.FromSddl("O:BAG:SYD:(A;;FA;;;BA)"),
            ExtendedAttributes = ExtendedAttributes.FromItems([new("A", new byte[3])]),
            Reparse = ReparsePoint.FromTarget("C:\\x", isMountPoint: true),
        });
        writer.WriteData(new MemoryStream(new byte[40]), 40);
        writer.WriteAlternate("s", new MemoryStream(new byte[10]), 10);
        writer.WriteAlternate("Zone.Identifier", Stream.Null, 0);
        return stream.ToArray();
    }

    private static byte[] Sparse()
    {
        byte[] stream = new byte[BackupRecordHeader.Length * 3 + 8 + 5 + 4];
        new BackupRecordHeader(BackupRecordKind.Data, 0, Attributes: 8).Write(stream);
        new BackupRecordHeader(BackupRecordKind.SparseBlock, 13, Attributes: 8).Write(stream.AsSpan(20));
        new BackupRecordHeader(BackupRecordKind.ObjectId, 0, NameSize: 4).Write(stream.AsSpan(53));
        return stream;
    }

    private sealed class TricklingStream(byte[] bytes) : MemoryStream(bytes, writable: false)
    {
        public override bool CanSeek => false;

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(3, buffer.Length)]);

        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(3, count));
    }
}
