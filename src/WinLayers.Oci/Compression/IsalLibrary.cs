using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace WinLayers.Oci.Compression;

/// <summary>
/// Intel's ISA-L, where the system has it: it inflates in about two thirds of the framework's time. Used only after it has proved on
/// a small sample that it is the library that we know.
/// </summary>
/// <remarks>
/// Two fields of its state are set or read here, at offsets of igzip_lib.h of 2.30; the public structure has not changed since 2.17. A
/// library that were laid out otherwise would not notice a wrong checksum at <see cref="Prove"/>, and is then left alone.
/// </remarks>
internal sealed unsafe class IsalLibrary
{
    // next_out 0, avail_out 8, total_out 12, next_in 16, read_in 24, avail_in 32, read_in_length 36, then the two code tables.
    private const int NextOut = 0;
    private const int AvailableOut = 8;
    private const int NextIn = 16;
    private const int AvailableIn = 32;
    private const int LiteralTable = (4096 * sizeof(uint)) + (1264 * sizeof(ushort));
    private const int DistanceTable = (1024 * sizeof(ushort)) + (80 * sizeof(ushort));
    private const int Tables = 40;
    private const int BlockState = Tables + LiteralTable + DistanceTable;
    private const int ChecksumKind = BlockState + (3 * sizeof(uint));

    // The small fields from there on, and the buffer of pending input that comes before that of 64 KiB for output.
    private const int BlockStateSize = 512;

    // The structure has some 87,500 bytes; more does no harm.
    internal const int StateSize = 128 * 1024;

    // Deflated data without a header, and a gzip trailer that is checked: ISAL_GZIP_NO_HDR_VER.
    private const int GZipTrailer = 6;
    private const int Finished = 5;

    private static readonly Lazy<IsalLibrary?> Loaded = new(Load);

    private readonly delegate* unmanaged<byte*, void> _init;
    private readonly delegate* unmanaged<byte*, int> _inflate;

    private IsalLibrary(nint library)
    {
        _init = (delegate* unmanaged<byte*, void>)NativeLibrary.GetExport(library, "isal_inflate_init");
        _inflate = (delegate* unmanaged<byte*, int>)NativeLibrary.GetExport(library, "isal_inflate");
    }

    /// <summary>A library whose two functions are given, for tests of what surrounds them.</summary>
    internal IsalLibrary(delegate* unmanaged<byte*, void> init, delegate* unmanaged<byte*, int> inflate)
    {
        _init = init;
        _inflate = inflate;
    }

    /// <summary>The library, or null where it is not there or not the one we know.</summary>
    internal static IsalLibrary? Instance => Loaded.Value;

    /// <summary>Readies fresh memory for what follows the header of a gzip member.</summary>
    internal void Start(byte* state)
    {
        NativeMemory.Clear(state, StateSize);
        Restart(state);
    }

    /// <summary>
    /// Readies a state that was used before. Tables and window are left as they are: each member makes its own before it reads them, and
    /// clearing them would cost an empty member of 20 bytes thousands of times as much as reading it.
    /// </summary>
    internal void Restart(byte* state)
    {
        NativeMemory.Clear(state, Tables);
        NativeMemory.Clear(state + BlockState, BlockStateSize);
        _init(state);
        Unsafe.WriteUnaligned(state + ChecksumKind, GZipTrailer);
    }

    /// <summary>Inflates what it can.</summary>
    internal InflateOutcome Inflate(byte* state, ReadOnlySpan<byte> input, Span<byte> output, out int consumed, out int produced)
    {
        fixed (byte* from = input, to = output)
        {
            Unsafe.WriteUnaligned(state + NextIn, (nint)from);
            Unsafe.WriteUnaligned(state + AvailableIn, input.Length);
            Unsafe.WriteUnaligned(state + NextOut, (nint)to);
            Unsafe.WriteUnaligned(state + AvailableOut, output.Length);
            int result = _inflate(state);
            consumed = input.Length - Unsafe.ReadUnaligned<int>(state + AvailableIn);
            produced = output.Length - Unsafe.ReadUnaligned<int>(state + AvailableOut);
            return result switch
            {
                < 0 => InflateOutcome.Damaged,
                _ => Unsafe.ReadUnaligned<int>(state + BlockState) == Finished ? InflateOutcome.MemberEnded : InflateOutcome.GoesOn,
            };
        }
    }

    private static IsalLibrary? Load()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture is not (Architecture.X64 or Architecture.Arm64)
            || !NativeLibrary.TryLoad("libisal.so.2", typeof(IsalLibrary).Assembly, DllImportSearchPath.SafeDirectories, out nint handle))
        {
            return null;
        }

        var library = new IsalLibrary(handle);
        return library.Prove() ? library : null;
    }

    // A right member has to end as one, and one with another checksum has to be noticed.
    private bool Prove()
    {
        const int headerLength = 10;
        byte[] member = GZipSeal.Member[headerLength..];
        bool right = Try(member, out byte[] payload) is InflateOutcome.MemberEnded && payload.AsSpan().SequenceEqual(GZipSeal.Payload);
        const int trailerLength = 8;
        member[^trailerLength] ^= 1;
        return right && Try(member, out _) is InflateOutcome.Damaged;
    }

    // Twice with the same memory: the second has to come to the same.
    private InflateOutcome Try(byte[] member, out byte[] payload)
    {
        payload = new byte[GZipSeal.PayloadLength];
        using var state = new IsalState(this);
        state.Start();
        InflateOutcome first = state.Inflate(member, payload, out _, out _);
        byte[] again = new byte[payload.Length];
        state.Start();
        InflateOutcome second = state.Inflate(member, again, out _, out _);
        return first == second && payload.AsSpan().SequenceEqual(again) ? first : InflateOutcome.GoesOn;
    }
}

/// <summary>The memory in which ISA-L inflates one stream.</summary>
internal sealed unsafe class IsalState : SafeHandle
{
    private readonly IsalLibrary _library;
    private bool _wasStarted;

    internal IsalState(IsalLibrary library)
        : base(invalidHandleValue: 0, ownsHandle: true)
    {
        _library = library;
        SetHandle((nint)NativeMemory.AlignedAlloc(IsalLibrary.StateSize, 64));
    }

    public override bool IsInvalid => handle == 0;

    internal void Start()
    {
        // Held like Inflate holds it: clearing memory that another thread frees meanwhile would hit whoever has it next.
        bool isHeld = false;
        try
        {
            DangerousAddRef(ref isHeld);
            if (_wasStarted)
                _library.Restart((byte*)handle);
            else
                _library.Start((byte*)handle);
            _wasStarted = true;
        }
        finally
        {
            if (isHeld)
                DangerousRelease();
        }
    }

    internal InflateOutcome Inflate(ReadOnlySpan<byte> input, Span<byte> output, out int consumed, out int produced)
    {
        bool isHeld = false;
        try
        {
            DangerousAddRef(ref isHeld);
            return _library.Inflate((byte*)handle, input, output, out consumed, out produced);
        }
        finally
        {
            if (isHeld)
                DangerousRelease();
        }
    }

    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        return true;
    }
}

/// <summary>What came of a call to inflate.</summary>
internal enum InflateOutcome
{
    /// <summary>More input or more room for output is needed.</summary>
    GoesOn,

    /// <summary>A member ended and its checksum is right.</summary>
    MemberEnded,

    /// <summary>The data, or its checksum, is wrong.</summary>
    Damaged,
}
