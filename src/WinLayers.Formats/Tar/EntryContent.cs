namespace WinLayers.Formats.Tar;

/// <summary>
/// What a file or directory holds: its data, then its alternate streams, each read once and in this order. It belongs to whoever
/// gave it out and is valid until that moves on: an entry of a tar until the next entry is read.
/// </summary>
public abstract class EntryContent
{
    /// <summary>No data, no streams: a directory's usual content.</summary>
    public static EntryContent None { get; } = new NoContent();

    /// <summary>The unnamed stream: readable, with a true <see cref="Stream.Length"/>; empty for a directory.</summary>
    public abstract Stream Data { get; }

    /// <summary>Goes on to the next alternate stream, passing over what is unread of the one before; null after the last.</summary>
    public abstract AlternateStream? NextStream();

    private sealed class NoContent : EntryContent
    {
        public override Stream Data => Stream.Null;

        public override AlternateStream? NextStream() => null;
    }
}

/// <summary>An alternate data stream of a file or directory.</summary>
/// <param name="Name">Its bare name, without the <c>:</c> before and the <c>:$DATA</c> after.</param>
/// <param name="Data">
/// Its bytes, with a true <see cref="Stream.Length"/>; valid as long as its <see cref="EntryContent"/> stays on it.
/// </param>
public sealed record AlternateStream(string Name, Stream Data);
