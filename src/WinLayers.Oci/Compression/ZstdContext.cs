using System.Runtime.InteropServices;
using WinLayers.Oci.Content;
using ZstdSharp.Unsafe;

namespace WinLayers.Oci.Compression;

/// <summary>
/// A decompressor of ZstdSharp, by the functions of libzstd that it ports: its own classes do not tell one error from another.
/// </summary>
internal sealed unsafe class ZstdContext : SafeHandle
{
    internal ZstdContext(int windowLogLimit)
        : base(invalidHandleValue: 0, ownsHandle: true)
    {
        // Without memory the port's allocator throws.
        SetHandle((nint)Methods.ZSTD_createDCtx());
        Check(Methods.ZSTD_DCtx_setParameter((ZSTD_DCtx_s*)handle, ZSTD_dParameter.ZSTD_d_windowLogMax, windowLogLimit));
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>Decompresses what it can; the result is zero at the end of a frame.</summary>
    internal nuint Decompress(ReadOnlySpan<byte> input, Span<byte> output, out int consumed, out int produced)
    {
        bool isHeld = false;
        try
        {
            DangerousAddRef(ref isHeld);
            fixed (byte* source = input, destination = output)
            {
                ZSTD_inBuffer_s from = new() { src = source, size = (nuint)input.Length };
                ZSTD_outBuffer_s to = new() { dst = destination, size = (nuint)output.Length };
                nuint result = Methods.ZSTD_decompressStream((ZSTD_DCtx_s*)handle, &to, &from);
                consumed = (int)from.pos;
                produced = (int)to.pos;
                return Check(result);
            }
        }
        finally
        {
            if (isHeld)
                DangerousRelease();
        }
    }

    protected override bool ReleaseHandle()
    {
        Methods.ZSTD_freeDCtx((ZSTD_DCtx_s*)handle);
        return true;
    }

    private static nuint Check(nuint result)
    {
        if (!Methods.ZSTD_isError(result))
            return result;
        throw Methods.ZSTD_getErrorCode(result) == ZSTD_ErrorCode.ZSTD_error_frameParameter_windowTooLarge
            ? new CompressionException(CompressionFailure.WindowTooLarge,
                $"The Zstandard data needs a window of over {ZstdStream.WindowLimitBytes >> 20} MiB.")
            : new CompressionException(CompressionFailure.Damaged, $"The Zstandard data is damaged: {Methods.ZSTD_getErrorName(result)}.");
    }
}
