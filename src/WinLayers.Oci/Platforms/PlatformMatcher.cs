using WinLayers.Oci.Documents;

namespace WinLayers.Oci.Platforms;

/// <summary>Chooses among an index's images as Windows hosts do; docs/platforms.md tells the rules.</summary>
internal static class PlatformMatcher
{
    // Windows keeps the kernel interface of a long-term release until the next but one, from Server 2022 on.
    private static readonly int[] StableReleases = [WindowsVersion.Ltsc2022, WindowsVersion.Ltsc2025];

    /// <summary>Looks at every image and ranks them.</summary>
    public static PlatformChoice Choose(IEnumerable<Descriptor> images, PlatformRequest request)
    {
        List<(PlatformCandidate Candidate, WindowsVersion? Version)> suitable = [];
        List<PlatformCandidate> others = [];
        foreach (Descriptor image in images)
        {
            WindowsVersion? version = VersionOf(image.Platform);
            if (Refusal(image, version, request) is { } reason)
                others.Add(new PlatformCandidate(image, IsSuitable: false, reason));
            else
                suitable.Add((new PlatformCandidate(image, IsSuitable: true, Verdict(version, request)), version));
        }

        // The newest build and update first, those without a version last, else the index's own order (the sort is stable). A host's
        // own build is the newest that it runs, so it needs no rule of its own.
        IEnumerable<PlatformCandidate> ranked =
            suitable.OrderByDescending(static entry => entry.Version).Select(static entry => entry.Candidate);
        return new PlatformChoice(request, [.. ranked, .. others]);
    }

    /// <summary>Why an image of this platform does not fit; null where it does.</summary>
    public static string? Refusal(Platform platform, PlatformRequest request)
    {
        if (!Same(platform.Os, request.Os))
            return $"the operating system is {(platform.Os.Length == 0 ? "not named" : platform.Os)}, not {request.Os}";
        if (!Same(platform.Architecture, request.Architecture))
            return "the architecture is " +
                $"{(platform.Architecture.Length == 0 ? "not named" : platform.Architecture)}, not {request.Architecture}";
        if (request.OsVersion is { } wanted && !StartsWithParts(platform.OsVersion, wanted))
            return platform.OsVersion is { } has ? $"the version is {has}, not {wanted}" : $"it names no version, {wanted} is wanted";
        return request.Host is { } host && VersionOf(platform) is { } version ? HostRefusal(version, host, request.Isolation) : null;
    }

    /// <summary>Whether an index's entry is an image, for whatever platform.</summary>
    internal static bool IsImage(Descriptor entry) => MediaTypes.IsManifest(entry.MediaType) && !IsAttestation(entry);

    internal static string Describe(Platform? platform) => platform switch
    {
        null => "an image without platform",
        { OsVersion: { } version } => $"{platform.Os}/{platform.Architecture} {version}",
        _ => $"{platform.Os}/{platform.Architecture}",
    };

    private static string? Refusal(Descriptor image, WindowsVersion? version, PlatformRequest request)
    {
        if (IsAttestation(image))
            return "an attestation about another image, not an image";
        if (!MediaTypes.IsManifest(image.MediaType))
            return $"its type {image.MediaType} is no image manifest";
        if (image.Platform is not { } platform)
            return "it names no platform";
        if (platform.OsVersion is { } text && version is null && request.Host is not null)
            return $"its version '{text}' is no Windows version";
        return Refusal(platform, request);
    }

    private static bool IsAttestation(Descriptor image) =>
        image.Annotations.ContainsKey("vnd.docker.reference.type") || image.Platform is { Os: "unknown", Architecture: "unknown" };

    private static string? HostRefusal(WindowsVersion image, WindowsVersion host, ContainerIsolation isolation)
    {
        if ((image.Major, image.Minor) != (host.Major, host.Minor))
            return $"it is Windows {image.Major}.{image.Minor}, the host {host.Major}.{host.Minor}";
        if (image.Build > host.Build)
            return $"its build {image.Build} is newer than the host's {host.Build}";
        if (isolation == ContainerIsolation.HyperV)
            return null;
        int oldest = OldestBuildFor(host.Build);
        if (image.Build >= oldest)
            return null;
        return oldest == host.Build
            ? $"its build {image.Build} is not the host's {host.Build}, as process isolation needs there"
            : $"its build {image.Build} is older than {oldest}, the oldest that host build {host.Build} runs with process isolation";
    }

    // Before Server 2022 a host runs its own build alone. From then on: the long-term release that its generation follows, and newer.
    private static int OldestBuildFor(int hostBuild)
    {
        int generation = Array.FindLastIndex(StableReleases, release => release <= hostBuild);
        return generation < 0 ? hostBuild : StableReleases[Math.Max(0, generation - 1)];
    }

    private static string Verdict(WindowsVersion? version, PlatformRequest request) => (version, request.Host) switch
    {
        (null, _) => "fits, but names no version, so that one which does goes first",
        ({ } has, null) => $"fits: build {has.Build}, update {has.Revision}",
        ({ } has, { } host) when has.Build == host.Build => $"fits: the host's own build {has.Build}, update {has.Revision}",
        ({ } has, { } host) when request.Isolation == ContainerIsolation.HyperV =>
            $"fits: a utility VM of build {has.Build} runs on {host.Build}, update {has.Revision}",
        ({ } has, { } host) => $"fits: host build {host.Build} still runs {has.Build}, update {has.Revision}",
    };

    private static WindowsVersion? VersionOf(Platform? platform) =>
        WindowsVersion.TryParse(platform?.OsVersion, out WindowsVersion version) ? version : null;

    private static bool StartsWithParts(string? version, string start) =>
        version is not null
        && version.StartsWith(start.TrimEnd('.'), StringComparison.Ordinal)
        && (version.Length == start.TrimEnd('.').Length || version[start.TrimEnd('.').Length] == '.');

    private static bool Same(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);
}
