using System.Runtime.InteropServices;
using WinLayers.Oci.Compression;

namespace WinLayers.Oci.Tests.Compression;

/// <summary>The memory that ISA-L works in stays until nobody works in it, whoever disposes it meanwhile.</summary>
public sealed unsafe class IsalStateTests
{
    private static IsalState? disposedMeanwhile;
    private static bool wasFreed;

    [Fact]
    public void Start_DisposedMeanwhile_KeepsItsMemoryUntilItIsThrough()
    {
        using var state = new IsalState(new IsalLibrary(&DisposeWithin, &Nothing));
        (disposedMeanwhile, wasFreed) = (state, false);

        state.Start();

        Assert.False(wasFreed);
        Assert.True(state.IsClosed);
        Assert.Throws<ObjectDisposedException>(state.Start);
    }

    [Fact]
    public void Restart_DisposedMeanwhile_KeepsItsMemoryUntilItIsThrough()
    {
        using var state = new IsalState(new IsalLibrary(&DisposeWithin, &Nothing));
        disposedMeanwhile = null;
        state.Start();
        (disposedMeanwhile, wasFreed) = (state, false);

        state.Start();

        Assert.False(wasFreed);
        Assert.Throws<ObjectDisposedException>(() => state.Inflate([], [], out _, out _));
    }

    // Stands for another thread that disposes while this one clears the memory. What was freed is what the next of its size gets.
    [UnmanagedCallersOnly]
    private static void DisposeWithin(byte* memory)
    {
        disposedMeanwhile?.Dispose();
        List<nint> blocks = [];
        for (int i = 0; i < 8; i++)
            blocks.Add((nint)NativeMemory.AlignedAlloc(IsalLibrary.StateSize, 64));
        wasFreed |= disposedMeanwhile is not null && blocks.Contains((nint)memory);
        foreach (nint block in blocks)
            NativeMemory.AlignedFree((void*)block);
    }

    [UnmanagedCallersOnly]
    private static int Nothing(byte* memory) => 0;
}
