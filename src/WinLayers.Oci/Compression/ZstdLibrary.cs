using System.Runtime.InteropServices;
using WinLayers.Oci.Content;

namespace WinLayers.Oci.Compression;

/// <summary>The four functions of libzstd that decompression needs, where the library is there.</summary>
/// <remarks>
/// Bound by hand, since the library has another name on every system, and the one resolver of names that an assembly may have is left
/// to the programs that host it.
/// </remarks>
internal sealed unsafe class ZstdLibrary
{
    private const int WindowLogMaxParameter = 100;

    private static readonly Lazy<ZstdLibrary?> Loaded = new(Load);

    private static readonly string[] Names = OperatingSystem.IsWindows()
        ? ["libzstd.dll", "zstd.dll"]
        : OperatingSystem.IsMacOS()
            ? ["libzstd.1.dylib", "/opt/homebrew/lib/libzstd.1.dylib", "/usr/local/lib/libzstd.1.dylib"]
            : ["libzstd.so.1"];

    private readonly delegate* unmanaged<nint> _create;
    private readonly delegate* unmanaged<nint, nuint> _free;
    private readonly delegate* unmanaged<nint, int, int, nuint> _setParameter;
    private readonly delegate* unmanaged<nint, ZstdBuffer*, ZstdBuffer*, nuint> _decompress;
    private readonly delegate* unmanaged<nuint, uint> _isError;
    private readonly delegate* unmanaged<nuint, nint> _errorName;
    private readonly delegate* unmanaged<nuint, int> _errorCode;

    private ZstdLibrary(nint library)
    {
        _create = (delegate* unmanaged<nint>)NativeLibrary.GetExport(library, "ZSTD_createDCtx");
        _free = (delegate* unmanaged<nint, nuint>)NativeLibrary.GetExport(library, "ZSTD_freeDCtx");
        _setParameter = (delegate* unmanaged<nint, int, int, nuint>)NativeLibrary.GetExport(library, "ZSTD_DCtx_setParameter");
        _decompress = (delegate* unmanaged<nint, ZstdBuffer*, ZstdBuffer*, nuint>)NativeLibrary.GetExport(library, "ZSTD_decompressStream");
        _isError = (delegate* unmanaged<nuint, uint>)NativeLibrary.GetExport(library, "ZSTD_isError");
        _errorName = (delegate* unmanaged<nuint, nint>)NativeLibrary.GetExport(library, "ZSTD_getErrorName");
        _errorCode = (delegate* unmanaged<nuint, int>)NativeLibrary.GetExport(library, "ZSTD_getErrorCode");
    }

    internal static bool IsPresent => Loaded.Value is not null;

    internal static ZstdLibrary Get() => Loaded.Value ?? throw new CompressionException(
        CompressionFailure.LibraryMissing, $"The layer is compressed with Zstandard, and libzstd is not on this system (looked for {string.Join(", ", Names)}).")
    {
        Remedy = OperatingSystem.IsWindows()
            ? "Put libzstd.dll of the zstd release beside the program."
            : OperatingSystem.IsMacOS() ? "brew install zstd" : "Install the package libzstd1 (Debian) or libzstd (others).",
    };

    internal ZstdContext CreateContext(int windowLogMax)
    {
        nint context = _create();
        if (context == 0)
            throw new CompressionException(CompressionFailure.LibraryMissing, "libzstd could not make a decompressor: it is out of memory.");
        ZstdContext handle = new(this, context);
        Check(_setParameter(context, WindowLogMaxParameter, windowLogMax));
        return handle;
    }

    /// <summary>Decompresses what it can; the result is zero at the end of a frame.</summary>
    internal nuint Decompress(nint context, ReadOnlySpan<byte> input, Span<byte> output, out int consumed, out int produced)
    {
        fixed (byte* source = input, destination = output)
        {
            ZstdBuffer from = new() { Bytes = source, Size = (nuint)input.Length };
            ZstdBuffer to = new() { Bytes = destination, Size = (nuint)output.Length };
            nuint result = _decompress(context, &to, &from);
            consumed = (int)from.Position;
            produced = (int)to.Position;
            return Check(result);
        }
    }

    internal void Free(nint context) => _free(context);

    private nuint Check(nuint result)
    {
        const int windowTooLarge = 16;
        if (_isError(result) == 0)
            return result;
        string name = Marshal.PtrToStringUTF8(_errorName(result)) ?? "unknown error";
        throw _errorCode(result) == windowTooLarge
            ? new CompressionException(CompressionFailure.WindowTooLarge, $"The Zstandard data needs a window of over {ZstdStream.WindowLimitBytes >> 20} MiB.")
            : new CompressionException(CompressionFailure.Damaged, $"The Zstandard data is damaged: {name}.");
    }

    private static ZstdLibrary? Load()
    {
        foreach (string name in Names)
        {
            if (NativeLibrary.TryLoad(name, typeof(ZstdLibrary).Assembly, DllImportSearchPath.SafeDirectories, out nint library))
                return new ZstdLibrary(library);
        }

        return null;
    }

    // ZSTD_inBuffer and ZSTD_outBuffer are laid out alike.
    [StructLayout(LayoutKind.Sequential)]
    private struct ZstdBuffer
    {
        internal byte* Bytes;
        internal nuint Size;
        internal nuint Position;
    }
}

/// <summary>A decompressor of libzstd.</summary>
internal sealed class ZstdContext : SafeHandle
{
    private readonly ZstdLibrary _library;

    internal ZstdContext(ZstdLibrary library, nint context)
        : base(invalidHandleValue: 0, ownsHandle: true)
    {
        _library = library;
        SetHandle(context);
    }

    public override bool IsInvalid => handle == 0;

    internal nuint Decompress(ReadOnlySpan<byte> input, Span<byte> output, out int consumed, out int produced)
    {
        bool isHeld = false;
        try
        {
            DangerousAddRef(ref isHeld);
            return _library.Decompress(handle, input, output, out consumed, out produced);
        }
        finally
        {
            if (isHeld)
                DangerousRelease();
        }
    }

    protected override bool ReleaseHandle()
    {
        _library.Free(handle);
        return true;
    }
}
