using System.Diagnostics;
using WinLayers.Formats;
using WinLayers.Oci.Documents;

namespace WinLayers.Oci.Platforms;

/// <summary>What was found about one of an index's images.</summary>
/// <param name="Descriptor">The image.</param>
/// <param name="IsSuitable">Whether it could be taken.</param>
/// <param name="Reason">Why, or why not: one clause for a person.</param>
public sealed record PlatformCandidate(Descriptor Descriptor, bool IsSuitable, string Reason);

/// <summary>Which image of an index is taken, and what was found about every one.</summary>
public sealed class PlatformChoice
{
    internal PlatformChoice(PlatformRequest request, IReadOnlyList<PlatformCandidate> candidates)
    {
        Request = request;
        Candidates = candidates;
    }

    /// <summary>What was asked for.</summary>
    public PlatformRequest Request { get; }

    /// <summary>Every image: suitable ones first, best first, then the others in the index's order.</summary>
    public IReadOnlyList<PlatformCandidate> Candidates { get; }

    /// <summary>The image taken; null where none is suitable.</summary>
    public Descriptor? Chosen => Candidates is [{ IsSuitable: true } best, ..] ? best.Descriptor : null;

    /// <summary>The image taken.</summary>
    /// <exception cref="PlatformException">None is suitable.</exception>
    public Descriptor Require() => Chosen ?? throw PlatformException.NoMatch(this);
}

/// <summary>Why no image is chosen for a platform.</summary>
public enum PlatformFailure
{
    /// <summary>No image is for the platform.</summary>
    NoMatch,

    /// <summary>The text does not name a platform.</summary>
    Malformed,
}

/// <summary>No image fits the platform asked for, or a platform is written wrongly.</summary>
public sealed class PlatformException : WinLayersException
{
    private const int CandidatesShown = 12;

    private PlatformException(PlatformFailure reason, string message)
        : base(CodeOf(reason), message) => Reason = reason;

    /// <summary>Why no image is chosen.</summary>
    public PlatformFailure Reason { get; }

    /// <summary>What was found about every image, where an index was searched.</summary>
    public PlatformChoice? Choice { get; private init; }

    internal static string CodeOf(PlatformFailure reason) => reason switch
    {
        PlatformFailure.NoMatch => "WCL7010",
        PlatformFailure.Malformed => "WCL7011",
        _ => throw new UnreachableException(),
    };

    internal static PlatformException Malformed(string text) =>
        new(PlatformFailure.Malformed, $"'{text}' is no platform: expected os/architecture[:version], such as windows/amd64:10.0.20348.");

    internal static PlatformException NotWanted(PlatformRequest request, string reason) =>
        new(PlatformFailure.NoMatch, $"The image is not one for {request}: {reason}.");

    internal static PlatformException NotAsListed(PlatformRequest request, string listed, string own, string reason) =>
        new(PlatformFailure.NoMatch,
            $"The image is not one for {request}: the index calls it {listed}, but its configuration {own}: {reason}.");

    internal static PlatformException NoMatch(PlatformChoice choice)
    {
        IEnumerable<string> found =
            choice.Candidates.Take(CandidatesShown).Select(static c => $"{PlatformMatcher.Describe(c.Descriptor.Platform)} ({c.Reason})");
        string list = choice.Candidates.Count == 0 ? "the index is empty" : "there are " + string.Join("; ", found);
        if (choice.Candidates.Count > CandidatesShown)
            list += $"; and {choice.Candidates.Count - CandidatesShown} more";
        return new(PlatformFailure.NoMatch, $"No image for {choice.Request}: {list}.")
        {
            Choice = choice,
            Remedy = "Choose another platform, or Hyper-V isolation where the image is older than the host.",
        };
    }
}
