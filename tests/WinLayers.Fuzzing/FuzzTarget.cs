using WinLayers.Formats;

namespace WinLayers.Fuzzing;

/// <summary>Something that reads bytes from outside.</summary>
internal abstract class FuzzTarget
{
    /// <summary>What the command line calls it, in kebab-case.</summary>
    public abstract string Name { get; }

    /// <summary>Valid inputs to start from, small ones.</summary>
    public abstract IReadOnlyList<byte[]> Seeds { get; }

    /// <summary>Pieces that the format gives meaning to: keywords, magic numbers.</summary>
    public virtual IReadOnlyList<byte[]> Words => [];

    /// <summary>
    /// Reads one input and checks what must hold once it is accepted. Refusing it with a <see cref="WinLayersException"/> or a
    /// <see cref="FormatException"/> is fine; anything else that is thrown is a finding.
    /// </summary>
    public abstract void Run(ReadOnlySpan<byte> input);

    /// <summary>Reports a broken promise.</summary>
    protected static void Require(bool holds, string promise)
    {
        if (!holds)
            throw new BrokenPromiseException(promise);
    }
}

/// <summary>An accepted input does not hold what it promises.</summary>
internal sealed class BrokenPromiseException(string promise) : Exception(promise);
