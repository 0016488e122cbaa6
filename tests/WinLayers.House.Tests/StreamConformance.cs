namespace WinLayers.House.Tests;

/// <summary>A stream class that only reads, and how to open one that gives certain bytes.</summary>
/// <param name="Type">The class.</param>
/// <param name="OpenAsync">
/// Opens a stream of these bytes, whose own source gives at most so many at a time; and gives what is to be disposed after the stream.
/// </param>
internal sealed record StreamCase(Type Type, Func<byte[], int, Task<(Stream Stream, IAsyncDisposable? After)>> OpenAsync)
{
    public StreamCase(Type type, Func<byte[], int, Stream> open)
        : this(type, (bytes, chunk) => Task.FromResult((open(bytes, chunk), (IAsyncDisposable?)null)))
    {
    }

    /// <summary>What the test run calls it.</summary>
    public string Name { get; init; } = Type.Name;

    /// <summary>False for one that only whoever does not wait may read.</summary>
    public bool Blocks { get; init; } = true;

    /// <summary>False for one that only whoever waits may read.</summary>
    public bool IsAsync { get; init; } = true;

    public bool CanSeek { get; init; }

    /// <summary>Whether it promises to say that it is disposed, and gives nothing more.</summary>
    public bool SaysDisposed { get; init; }

    /// <summary>Why it cannot be opened here; null where it can.</summary>
    public Func<string?> Missing { get; init; } = () => null;
}

/// <summary>What every stream that only reads keeps to, however it comes by its bytes.</summary>
internal static class StreamConformance
{
    private const int Length = 1500;
    private static readonly int[] Chunks = [1, 100, 1 << 20];

    /// <summary>All of it, each promise under its name.</summary>
    public static IReadOnlyDictionary<string, Func<StreamCase, Task>> Checks { get; } =
        new Dictionary<string, Func<StreamCase, Task>>(StringComparer.Ordinal)
        {
            ["is of its class"] = IsOfItsClass,
            ["gives the same bytes whichever way it is read"] = GivesTheSameBytesWhicheverWayItIsRead,
            ["writes nothing beside what it says"] = WritesNothingBesideWhatItSays,
            ["takes an empty buffer for no end"] = TakesAnEmptyBufferForNoEnd,
            ["stays at its end"] = StaysAtItsEnd,
            ["refuses everything else"] = RefusesEverythingElse,
            ["refuses ranges outside the array"] = RefusesRangesOutsideTheArray,
            ["observes cancellation before reading"] = ObservesCancellationBeforeReading,
            ["may be disposed again"] = MayBeDisposedAgain,
        };

    private static byte[] Content { get; } = [.. Enumerable.Range(0, Length).Select(i => (byte)((i * i) >> 5))];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Task IsOfItsClass(StreamCase of) => WithAsync(of, Length, stream =>
    {
        Assert.IsType(of.Type, stream);
        return Task.CompletedTask;
    });

    private static async Task GivesTheSameBytesWhicheverWayItIsRead(StreamCase of)
    {
        foreach (int chunk in Chunks)
        {
            foreach (int size in (int[])[1, 13, 3 * Length])
            {
                foreach (Func<Stream, byte[], Task<int>> read in Ways(of))
                {
                    await WithAsync(of, chunk, async stream =>
                    {
                        using var all = new MemoryStream();
                        byte[] buffer = new byte[size];
                        while (await read(stream, buffer) is var count and > 0)
                        {
                            Assert.InRange(count, 1, size);
                            all.Write(buffer, 0, count);
                        }

                        Assert.Equal(Content, all.ToArray());
                    });
                }
            }

            await WithAsync(of, chunk, async stream =>
            {
                using var all = new MemoryStream();
                if (of.IsAsync)
                    await stream.CopyToAsync(all, Token);
                else
                    stream.CopyTo(all);
                Assert.Equal(Content, all.ToArray());
            });
        }
    }

    private static async Task WritesNothingBesideWhatItSays(StreamCase of)
    {
        foreach (Func<Stream, byte[], Task<int>> read in Ways(of))
        {
            await WithAsync(of, 100, async stream =>
            {
                byte[] buffer = new byte[300];
                Array.Fill(buffer, (byte)0xEE);
                int count = await read(stream, buffer);
                Assert.Equal(Content[..count], buffer[..count]);
                Assert.All(buffer[count..], b => Assert.Equal(0xEE, b));
            });
        }

        if (of.Blocks)
        {
            await WithAsync(of, 100, stream =>
            {
                byte[] buffer = new byte[30];
                int count = stream.Read(buffer, 10, 5);
                Assert.InRange(count, 1, 5);
                Assert.Equal((byte[])[.. new byte[10], .. Content[..count], .. new byte[20 - count]], buffer);
                return Task.CompletedTask;
            });
        }
    }

    private static async Task TakesAnEmptyBufferForNoEnd(StreamCase of)
    {
        foreach (Func<Stream, byte[], Task<int>> read in Ways(of))
        {
            await WithAsync(of, 100, async stream =>
            {
                byte[] buffer = new byte[1];
                for (int i = 0; i < 300; i++)
                {
                    Assert.Equal(0, await read(stream, []));
                    Assert.Equal(1, await read(stream, buffer));
                    Assert.Equal(Content[i], buffer[0]);
                }
            });
        }
    }

    private static async Task StaysAtItsEnd(StreamCase of)
    {
        foreach (Func<Stream, byte[], Task<int>> read in Ways(of))
        {
            await WithAsync(of, 1000, async stream =>
            {
                byte[] buffer = new byte[Length];
                while (await read(stream, buffer) > 0)
                {
                }

                for (int i = 0; i < 3; i++)
                {
                    Assert.Equal(0, await read(stream, buffer));
                    Assert.Equal(0, await read(stream, []));
                }

                if (of.Blocks)
                    Assert.Equal(-1, stream.ReadByte());
            });
        }
    }

    private static Task RefusesEverythingElse(StreamCase of) => WithAsync(of, 100, async stream =>
    {
        Assert.Equal((true, of.CanSeek, false), (stream.CanRead, stream.CanSeek, stream.CanWrite));
        stream.Flush();
        await stream.FlushAsync(Token);
        byte[] buffer = new byte[10];
        Assert.Throws<NotSupportedException>(() => stream.Write(buffer, 0, 10));
        Assert.Throws<NotSupportedException>(() => stream.Write(buffer.AsSpan()));
        Assert.Throws<NotSupportedException>(() => stream.WriteByte(1));
        await Assert.ThrowsAsync<NotSupportedException>(async () => await stream.WriteAsync(buffer, Token));
        Assert.Throws<NotSupportedException>(() => stream.SetLength(1));
        if (!of.CanSeek)
        {
            Assert.Throws<NotSupportedException>(() => stream.Seek(0, SeekOrigin.Begin));
            Assert.Throws<NotSupportedException>(() => stream.Position = 0);
        }

        if (!of.Blocks)
            Assert.Throws<NotSupportedException>(() => stream.Read(buffer));
        if (!of.IsAsync)
            await Assert.ThrowsAsync<NotSupportedException>(() => ReadMemoryAsync(stream, buffer, Token));
    });

    private static Task RefusesRangesOutsideTheArray(StreamCase of) => WithAsync(of, 100, async stream =>
    {
        byte[] buffer = new byte[10];
        (byte[]? Array, int Offset, int Count)[] ranges =
            [(null, 0, 1), (buffer, -1, 1), (buffer, 0, -1), (buffer, 0, 11), (buffer, 10, 1), (buffer, int.MaxValue, 1)];
        foreach ((byte[]? array, int offset, int count) in ranges)
        {
            if (of.Blocks)
                Assert.ThrowsAny<ArgumentException>(() => stream.Read(array!, offset, count));
            await Assert.ThrowsAnyAsync<ArgumentException>(() => ReadArrayAsync(stream, array!, offset, count, Token));
        }

        // None of these has taken a byte.
        byte[] one = new byte[1];
        Assert.Equal(1, await Ways(of).First()(stream, one));
        Assert.Equal(Content[0], one[0]);
    });

    private static async Task ObservesCancellationBeforeReading(StreamCase of)
    {
        if (!of.IsAsync)
            return;
        await WithAsync(of, 100, async stream =>
        {
            var gone = new CancellationToken(canceled: true);
            byte[] buffer = new byte[10];
            for (int i = 0; i < 3; i++)
            {
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ReadMemoryAsync(stream, buffer, gone));
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ReadArrayAsync(stream, buffer, 0, 10, gone));
                Assert.Equal(new byte[10], buffer);

                // What comes next is what would have come.
                byte[] one = new byte[1];
                Assert.Equal(1, await stream.ReadAsync(one, Token));
                Assert.Equal(Content[i], one[0]);
            }
        });
    }

    private static async Task MayBeDisposedAgain(StreamCase of)
    {
        foreach (bool isRead in (bool[])[false, true])
        {
            (Stream stream, IAsyncDisposable? rest) = await of.OpenAsync(Content, 100);
            try
            {
                if (isRead)
                    Assert.InRange(await Ways(of).First()(stream, new byte[10]), 1, 10);
                stream.Dispose();
                stream.Dispose();
                await stream.DisposeAsync();
                stream.Close();
                if (of.SaysDisposed)
                {
                    foreach (Func<Stream, byte[], Task<int>> read in Ways(of))
                        await Assert.ThrowsAsync<ObjectDisposedException>(() => read(stream, new byte[10]));
                }
            }
            finally
            {
                if (rest is not null)
                    await rest.DisposeAsync();
            }

            (stream, rest) = await of.OpenAsync(Content, 100);
            await stream.DisposeAsync();
            await stream.DisposeAsync();
            stream.Dispose();
            if (rest is not null)
                await rest.DisposeAsync();
        }
    }

    // Each is asked for up to as many bytes as the array has.
    private static IEnumerable<Func<Stream, byte[], Task<int>>> Ways(StreamCase of)
    {
        if (of.Blocks)
        {
            yield return (stream, buffer) => Task.FromResult(stream.Read(buffer.AsSpan()));
            yield return (stream, buffer) => Task.FromResult(stream.Read(buffer, 0, buffer.Length));
        }

        if (of.IsAsync)
        {
            yield return (stream, buffer) => ReadMemoryAsync(stream, buffer, Token);
            yield return (stream, buffer) => ReadArrayAsync(stream, buffer, 0, buffer.Length, Token);
        }

        if (of is { Blocks: true, IsAsync: true })
        {
            bool turn = false;
            yield return async (stream, buffer) => (turn = !turn) ? stream.Read(buffer) : await stream.ReadAsync(buffer, Token);
        }
    }

    private static Task<int> ReadMemoryAsync(Stream stream, byte[] buffer, CancellationToken cancellationToken) =>
        stream.ReadAsync(buffer.AsMemory(), cancellationToken).AsTask();

    private static Task<int> ReadArrayAsync(Stream stream, byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        stream.ReadAsync(buffer, offset, count, cancellationToken);

    private static async Task WithAsync(StreamCase of, int chunk, Func<Stream, Task> check)
    {
        (Stream stream, IAsyncDisposable? rest) = await of.OpenAsync(Content, chunk);
        try
        {
            await using (stream)
                await check(stream);
        }
        finally
        {
            if (rest is not null)
                await rest.DisposeAsync();
        }
    }
}
