using System.Buffers;
using System.Diagnostics;
using WinLayers.Oci.Digests;

namespace WinLayers.Unpacking.Pipeline;

/// <summary>One stage of a pipeline, on a thread of its own, that fills the <see cref="Output"/> queue until its input ends.</summary>
internal sealed class PipelineStage
{
    // Large enough that handing a buffer over costs nothing beside filling it, small enough to stay in a core's cache.
    private const int BufferSize = 256 * 1024;

    private const int QueueDepth = 8;

    private readonly string _name;
    private readonly Thread _thread;
    private readonly BufferQueue? _input;
    private readonly CancellationToken _cancellationToken;
    private long _bytes;
    private TimeSpan _ran;

    private PipelineStage(string name, BufferQueue? input, Action<PipelineStage> work, CancellationToken cancellationToken)
    {
        _name = name;
        _input = input;
        _cancellationToken = cancellationToken;
        _thread = new Thread(() => Run(work)) { IsBackground = true, Name = $"winlayers {name}" };
        _thread.Start();
    }

    /// <summary>Where the stage's bytes go.</summary>
    public BufferQueue Output { get; } = new(QueueDepth);

    /// <summary>Bytes handed on so far.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>The digest of what went through a stage that verifies, once its end was found right.</summary>
    public Digest? Digest { get; private set; }

    /// <summary>Where the stage's time went; true once it is joined.</summary>
    public StageTiming Timing
    {
        get
        {
            TimeSpan waited = (_input?.ConsumerWaited ?? TimeSpan.Zero) + Output.ProducerWaited;
            return new StageTiming(_name, _bytes, _ran - waited, waited);
        }
    }

    /// <summary>Starts a stage that reads a stream to its end. The stream is opened, read and disposed on the stage's thread.</summary>
    /// <param name="name">The stage's name.</param>
    /// <param name="open">Opens the stream.</param>
    /// <param name="before">The stage that the stream reads from, if one does: for the timing.</param>
    /// <param name="cancellationToken">Stops the stage.</param>
    public static PipelineStage Read(string name, Func<Stream> open, PipelineStage? before, CancellationToken cancellationToken) =>
        new(name, before?.Output, stage => stage.Pump(open), cancellationToken);

    /// <summary>Starts a stage that passes its input's buffers on, hashes them, and has the digest and length checked at the end.</summary>
    public static PipelineStage Verify(
        string name, PipelineStage before, string algorithm, Action<Digest, long> check, CancellationToken cancellationToken) =>
        new(name, before.Output, stage => stage.Pass(before.Output, algorithm, check), cancellationToken);

    /// <summary>Waits for the thread to end. It does once its input ends or its output is abandoned.</summary>
    public void Join() => _thread.Join();

    private void Run(Action<PipelineStage> work)
    {
        long start = Stopwatch.GetTimestamp();
        Exception? failure = null;
        try
        {
            work(this);
        }
        catch (Exception e)
        {
            // Whatever it is, it belongs to the thread that reads the output.
            failure = e;
        }

        _ran = Stopwatch.GetElapsedTime(start);
        Output.End(failure);
    }

    private void Pump(Func<Stream> open)
    {
        using Stream stream = open();
        while (true)
        {
            byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
            int count = 0;
            try
            {
                _cancellationToken.ThrowIfCancellationRequested();
                count = stream.ReadAtLeast(buffer.AsSpan(0, BufferSize), BufferSize, throwOnEndOfStream: false);
            }
            finally
            {
                if (count == 0)
                    ArrayPool<byte>.Shared.Return(buffer);
            }

            if (count == 0 || !HandOn(buffer, count))
                return;
        }
    }

    private void Pass(BufferQueue input, string algorithm, Action<Digest, long> check)
    {
        using ContentHash hash = new(algorithm);
        try
        {
            while (input.TryTake(out ArraySegment<byte> filled))
            {
                _cancellationToken.ThrowIfCancellationRequested();
                hash.Append(filled);
                if (!HandOn(filled.Array!, filled.Count))
                    return;
            }
        }
        finally
        {
            input.Abandon();
        }

        Digest actual = hash.Current();
        check(actual, hash.Length);
        Digest = actual;
    }

    private bool HandOn(byte[] buffer, int count)
    {
        if (!Output.Add(buffer, count))
            return false;
        Volatile.Write(ref _bytes, _bytes + count);
        return true;
    }
}
