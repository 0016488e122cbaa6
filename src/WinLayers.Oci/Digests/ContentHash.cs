using System.Security.Cryptography;

namespace WinLayers.Oci.Digests;

/// <summary>Computes a digest as bytes go by. Not safe for use by several threads at once.</summary>
public sealed class ContentHash : IDisposable
{
    private readonly IncrementalHash _hash;

    /// <summary>Starts a digest of this algorithm, <c>sha256</c> or <c>sha512</c>.</summary>
    public ContentHash(string algorithm = "sha256") => _hash = IncrementalHash.CreateHash(algorithm switch
    {
        "sha256" => HashAlgorithmName.SHA256,
        "sha512" => HashAlgorithmName.SHA512,
        _ => throw new ArgumentException($"'{algorithm}' is no digest algorithm.", nameof(algorithm)),
    });

    /// <summary>How many bytes went in.</summary>
    public long Length { get; private set; }

    /// <summary>Takes further bytes in.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        _hash.AppendData(bytes);
        Length += bytes.Length;
    }

    /// <summary>The digest of what went in so far; more may follow.</summary>
    public Digest Current()
    {
        Span<byte> hash = stackalloc byte[64];
        int length = _hash.GetCurrentHash(hash);
        return Digest.FromHash(hash[..length]);
    }

    /// <summary>Forgets what went in.</summary>
    public void Reset()
    {
        Span<byte> hash = stackalloc byte[64];
        _hash.GetHashAndReset(hash);
        Length = 0;
    }

    /// <summary>The digest of bytes at hand.</summary>
    public static Digest Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(bytes, hash);
        return Digest.FromHash(hash);
    }

    /// <summary>The digest of bytes at hand, with the algorithm of <paramref name="like"/>.</summary>
    internal static Digest Of(ReadOnlySpan<byte> bytes, Digest like)
    {
        using ContentHash hash = new(like.Algorithm);
        hash.Append(bytes);
        return hash.Current();
    }

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();
}
