using WinLayers.Formats.Text;

namespace WinLayers.Formats;

/// <summary>
/// The base of everything this library throws about the outside world: bad input, content that does not match, a registry or a
/// host that refuses. Programming errors are <see cref="ArgumentException"/>s and the like, never this.
/// </summary>
/// <remarks>Catch by type and read properties; the text is for people and may change.</remarks>
public abstract class WinLayersException : IOException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="code">A stable code such as <c>WCL2003</c>, listed in docs/errors.md.</param>
    /// <param name="message">
    /// What happened, to what, where: one line. It may quote hostile input: control characters are replaced, and what is very long is
    /// cut.
    /// </param>
    /// <param name="innerException">The cause, if another exception was.</param>
    protected WinLayersException(string code, string message, Exception? innerException = null)
        : base(SafeText.Excerpt(message, SafeText.MaxMessage), innerException) => Code = code;

    /// <summary>A stable code that scripts can match, such as <c>WCL2003</c>.</summary>
    public string Code { get; }

    /// <summary>What a person can do about it, where there is something to do.</summary>
    public string? Remedy { get; init; }

    /// <summary>The digest of the blob whose layer was being made, where one was.</summary>
    public string? Blob { get; internal set; }

    /// <summary>
    /// Why something of the work that failed is still there, where it could not be removed; a collection of the store removes it later.
    /// </summary>
    public string? Leftover { get; internal set; }

    /// <inheritdoc/>
    public override string Message =>
        Leftover is null
            ? base.Message
            : SafeText.Excerpt($"{base.Message}; not all of it could be removed: {Leftover}", SafeText.MaxMessage);
}
