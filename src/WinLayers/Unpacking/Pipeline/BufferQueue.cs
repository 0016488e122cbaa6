using System.Buffers;
using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace WinLayers.Unpacking.Pipeline;

/// <summary>
/// A bounded queue of filled, pooled buffers between one producing and one consuming thread. It blocks, because both ends are
/// threads that have nothing else to do, and it counts how long each was kept waiting.
/// </summary>
/// <remarks>A producer's failure reaches the consumer after the bytes before it; a consumer that gives up stops the producer.</remarks>
internal sealed class BufferQueue(int capacity)
{
    private readonly object _gate = new();
    private readonly Queue<ArraySegment<byte>> _filled = new(capacity);
    private ExceptionDispatchInfo? _failure;
    private bool _ended;
    private bool _abandoned;
    private long _producerWaited;
    private long _consumerWaited;

    /// <summary>Time the producer spent before a full queue.</summary>
    public TimeSpan ProducerWaited => Stopwatch.GetElapsedTime(0, Volatile.Read(ref _producerWaited));

    /// <summary>Time the consumer spent before an empty queue.</summary>
    public TimeSpan ConsumerWaited => Stopwatch.GetElapsedTime(0, Volatile.Read(ref _consumerWaited));

    /// <summary>
    /// Hands over a buffer that the consumer returns to the pool. False when the consumer has given up; the buffer is then back in the
    /// pool.
    /// </summary>
    public bool Add(byte[] buffer, int count)
    {
        lock (_gate)
        {
            Wait(() => _filled.Count < capacity || _abandoned, ref _producerWaited);
            if (!_abandoned)
            {
                _filled.Enqueue(new ArraySegment<byte>(buffer, 0, count));
                Monitor.Pulse(_gate);
                return true;
            }
        }

        ArrayPool<byte>.Shared.Return(buffer);
        return false;
    }

    /// <summary>Says that no more comes: at the end, or after a failure.</summary>
    public void End(Exception? failure = null)
    {
        lock (_gate)
        {
            _ended = true;
            _failure = failure is null ? null : ExceptionDispatchInfo.Capture(failure);
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>
    /// Takes the next buffer, an array of the pool that now belongs to the caller; false at the end. Throws what the producer failed
    /// with.
    /// </summary>
    public bool TryTake(out ArraySegment<byte> filled)
    {
        lock (_gate)
        {
            Wait(() => _filled.Count > 0 || _ended || _abandoned, ref _consumerWaited);
            if (_filled.TryDequeue(out filled))
            {
                Monitor.Pulse(_gate);
                return true;
            }

            _failure?.Throw();
            return _abandoned ? throw new OperationCanceledException("The pipeline was stopped.") : false;
        }
    }

    /// <summary>The consumer gives up: the producer's next <see cref="Add"/> says so, and what is queued goes back to the pool.</summary>
    public void Abandon()
    {
        lock (_gate)
        {
            _abandoned = true;
            while (_filled.TryDequeue(out ArraySegment<byte> filled))
                ArrayPool<byte>.Shared.Return(filled.Array!);
            Monitor.PulseAll(_gate);
        }
    }

    private void Wait(Func<bool> ready, ref long waited)
    {
        if (ready())
            return;
        long start = Stopwatch.GetTimestamp();
        while (!ready())
            Monitor.Wait(_gate);
        waited += Stopwatch.GetTimestamp() - start;
    }
}
