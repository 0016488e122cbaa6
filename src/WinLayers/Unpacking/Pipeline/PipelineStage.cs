using System.Buffers;
using System.Diagnostics;
using System.Security.Cryptography;

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
    private readonly IncrementalHash? _hash;
    private readonly CancellationToken _cancellationToken;
    private long _bytes;
    private TimeSpan _inputWaited;
    private TimeSpan _ran;

    private PipelineStage(
        string name, BufferQueue? input, Stream? stream, IncrementalHash? hash, CancellationToken cancellationToken)
    {
        _name = name;
        _input = input;
        _hash = hash;
        _cancellationToken = cancellationToken;
        _thread = new Thread(() => Run(stream)) { IsBackground = true, Name = $"winlayers {name}" };
    }

    /// <summary>Where the stage's bytes go.</summary>
    public BufferQueue Output { get; } = new(QueueDepth);

    /// <summary>Starts a stage that reads the stream to its end and, with a hash, feeds it every byte.</summary>
    /// <remarks>The stream stays the caller's, to be disposed after <see cref="Join"/>.</remarks>
    public static PipelineStage Read(string name, Stream stream, IncrementalHash? hash, CancellationToken cancellationToken)
    {
        var stage = new PipelineStage(name, input: null, stream, hash, cancellationToken);
        stage._thread.Start();
        return stage;
    }

    /// <summary>Starts a stage that hashes what passes through it.</summary>
    public static PipelineStage Hash(string name, PipelineStage before, IncrementalHash hash, CancellationToken cancellationToken)
    {
        var stage = new PipelineStage(name, before.Output, stream: null, hash, cancellationToken);
        stage._thread.Start();
        return stage;
    }

    /// <summary>Bytes handed on so far.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Waits for the thread to end. It does once its input ends or its output is abandoned.</summary>
    public void Join() => _thread.Join();

    /// <summary>Where the stage's time went; true once it is joined.</summary>
    public StageTiming Timing
    {
        get
        {
            TimeSpan waited = _inputWaited + (_input?.ConsumerWaited ?? TimeSpan.Zero) + Output.ProducerWaited;
            return new StageTiming(_name, _bytes, _ran - waited, waited);
        }
    }

    /// <summary>Takes time that a stage's stream spent waiting for the stage before it, which the stage cannot see.</summary>
    public void CountAsWaiting(TimeSpan waited) => _inputWaited += waited;

    private void Run(Stream? stream)
    {
        long start = Stopwatch.GetTimestamp();
        Exception? failure = null;
        try
        {
            if (stream is not null)
                Pump(stream);
            else
                Pass(_input!);
        }
        catch (Exception e)
        {
            // Whatever it is, it belongs to the thread that reads the output.
            failure = e;
        }

        _ran = Stopwatch.GetElapsedTime(start);
        Output.End(failure);
    }

    private void Pump(Stream stream)
    {
        while (true)
        {
            byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
            int count = 0;
            try
            {
                _cancellationToken.ThrowIfCancellationRequested();
                count = stream.ReadAtLeast(buffer.AsSpan(0, BufferSize), BufferSize, throwOnEndOfStream: false);
                _hash?.AppendData(buffer, 0, count);
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

    private void Pass(BufferQueue input)
    {
        try
        {
            while (input.TryTake(out ArraySegment<byte> filled))
            {
                _cancellationToken.ThrowIfCancellationRequested();
                _hash!.AppendData(filled.Array!, 0, filled.Count);
                if (!HandOn(filled.Array!, filled.Count))
                    break;
            }
        }
        finally
        {
            input.Abandon();
        }
    }

    private bool HandOn(byte[] buffer, int count)
    {
        if (!Output.Add(buffer, count))
            return false;
        Volatile.Write(ref _bytes, _bytes + count);
        return true;
    }
}
