using WinLayers.Formats;
using WinLayers.Formats.Text;
using WinLayers.Volumes;

namespace WinLayers.Windows.Errors;

/// <summary>
/// The operating system refused a call. <see cref="Exception.HResult"/> is its code, so that a full disk is known by it as anywhere else.
/// </summary>
public sealed class HostCallException : WinLayersException
{
    /// <summary>Creates the exception; cause and remedy come from <see cref="HostErrorCatalog"/>.</summary>
    /// <param name="call">The function that failed, as the system's documentation spells it.</param>
    /// <param name="errorCode">Its HRESULT.</param>
    /// <param name="layer">The layer's folder, or the file inside it.</param>
    /// <param name="chain">The parents that were handed over.</param>
    /// <param name="innerException">The cause, if another exception was.</param>
    public HostCallException(
        string call, int errorCode, string? layer = null, LayerChain? chain = null, Exception? innerException = null)
        : this(call, errorCode, layer, chain ?? [], HostErrorCatalog.Find(call, errorCode), [], innerException)
    {
    }

    private HostCallException(
        string call, int errorCode, string? layer, LayerChain chain, HostError? known, IReadOnlyList<Exception> undoFailures,
            Exception? innerException)
        : base("WCL6001", Describe(call, errorCode, layer, chain, known) + UndoFailedException.Tell(undoFailures), innerException)
    {
        UndoFailures = undoFailures;
        HResult = errorCode;
        Call = call;
        Layer = layer;
        Chain = chain;
        Cause = known?.Cause;
        Remedy = known?.Remedy;
    }

    /// <summary>The function that failed.</summary>
    public string Call { get; }

    /// <summary>Its HRESULT; a Win32 error <c>n</c> is <c>0x8007nnnn</c>.</summary>
    public int ErrorCode => HResult;

    /// <summary>The layer's folder, or the file inside it.</summary>
    public string? Layer { get; }

    /// <summary>The parents that were handed over.</summary>
    public LayerChain Chain { get; }

    /// <summary>What was behind this code from this call when others met it, where that is known.</summary>
    public string? Cause { get; }

    /// <summary>What else failed while the work so far was undone; the undoing went on.</summary>
    public IReadOnlyList<Exception> UndoFailures { get; }

    /// <summary>What the kernel said, where the call is one of its own; Win32 has no twin of every NTSTATUS.</summary>
    public int? NtStatus { get; internal init; }

    /// <summary>The virtual machine that access was to be granted to, where the call was about one.</summary>
    public string? VmId { get; internal init; }

    /// <summary>The hard link that was to be made, where the call was about one.</summary>
    public string? Link { get; internal init; }

    /// <summary>The file that <see cref="Link"/> was to lead to.</summary>
    public string? Target { get; internal init; }

    /// <inheritdoc/>
    public override string Message
    {
        get
        {
            string about = string.Join(", ", new[]
            {
                VmId is null ? null : $"virtual machine '{VmId}'",
                Target is null ? null : $"link to '{Target}'",
                Blob is null ? null : $"layer {Blob}",
            }.OfType<string>());
            return about.Length == 0 ? base.Message : SafeText.Excerpt($"{base.Message} ({about})", SafeText.MaxMessage);
        }
    }

    /// <summary>The same failure with what went wrong while undoing, after what had before.</summary>
    internal HostCallException WithUndoFailures(IReadOnlyList<Exception> failures) =>
        new(Call, ErrorCode, Layer, Chain, HostErrorCatalog.Find(Call, ErrorCode), [.. UndoFailures, .. failures],
            this)
        {
            NtStatus = NtStatus,
            VmId = VmId,
            Link = Link,
            Target = Target,
            Blob = Blob,
        };

    private static string Describe(string call, int code, string? layer, LayerChain chain, HostError? known)
    {
        string text = $"{call} failed with 0x{code:X8}";
        if (Errors.HResult.ToNtStatus(code) is { } status)
            text += $" (NTSTATUS 0x{status:X8})";
        if (known is not null)
            text += $" ({known.Name})";
        if (layer is not null)
            text += $" on '{layer}'";
        if (chain.Count > 0)
            text += $" with parents '{string.Join("', '", chain)}'";
        return known is null ? text : $"{text}: {known.Cause}";
    }
}
