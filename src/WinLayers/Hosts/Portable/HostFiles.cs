using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace WinLayers.Hosts.Portable;

/// <summary>Whole files of the host.</summary>
internal static class HostFiles
{
    /// <summary>Copies a stream from where it is to its end into a new file.</summary>
    public static void Copy(Stream source, SafeFileHandle file)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(256 << 10);
        try
        {
            long written = 0;
            int read;
            while ((read = source.Read(buffer)) > 0)
            {
                RandomAccess.Write(file, buffer.AsSpan(0, read), written);
                written += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
