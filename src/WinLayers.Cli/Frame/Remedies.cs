using WinLayers.Formats;
using WinLayers.Oci.Registries;
using WinLayers.Windows.Errors;

namespace WinLayers.Cli.Frame;

/// <summary>Adds to the library's remedies, which name no option, the options and verbs that carry them out.</summary>
internal static class Remedies
{
    private const string Repair = "'winlayers repair'";
    private const string Refetch = "'winlayers pull' or 'winlayers unpack'";

    /// <summary>The words that follow a remedy in brackets.</summary>
    internal static IReadOnlyList<Row> Table { get; } =
    [
        new("WCL2107", "GNU tar: without --sparse; bsdtar: with --no-read-sparse"),
        new("WCL2108", "--limit"),
        new("WCL2110", "--limit"),
        new("WCL2117", "--limit global-bytes=N"),
        new("WCL2305", "--limit implied-directories=N"),
        new("WCL2393", "--parent"),
        new("WCL3001", Refetch),
        new("WCL3006", "--limit expansion=N"),
        new("WCL4001", "'winlayers login HOST' logs in", LoggedOut),
        new("WCL4001", "--trust-token-host gives the token server the credentials", TokenHostUntrusted),
        new("WCL4006", "--tls-ca, --plain-http", ConnectionFailure.NotTrusted),
        new("WCL4006", "leave --plain-http out", ConnectionFailure.NotHttp),
        new("WCL4006", "--allow-private-urls", ConnectionFailure.AddressRefused),
        new("WCL4010", "'winlayers digest REF' prints it", DeletionOfTag),
        new("WCL5006", Refetch),
        new("WCL5021", "--store"),
        new("WCL5022", "--store"),
        new("WCL5023", "--store"),
        new("WCL5025", "--overwrite"),
        new("WCL2347", Repair),
        new("WCL5030", Repair),
        new("WCL5031", Repair),
        new("WCL5040", Repair),
        new("WCL5041", "--store"),
        new("WCL6001", "'winlayers verify'", HostErrorKind.LayerIncomplete),
        new("WCL6001", "'winlayers doctor' shows the privileges", HostErrorKind.PrivilegeMissing),
        new("WCL6001", "'winlayers grant-access'", HostErrorKind.AccessDenied),
        new("WCL6001", "'winlayers doctor' lists leftovers", HostErrorKind.InUse),
        new("WCL6001", "'winlayers platform IMAGE' shows the builds", HostErrorKind.InUseOrOtherBuild),
        new("WCL6001", "'winlayers platform IMAGE' shows which image is chosen and why", HostErrorKind.OtherBuild),
        new("WCL6001", "'winlayers scratch unmount'", HostErrorKind.Attached),
        new("WCL6001", "'winlayers gc' removes leftovers of earlier work", HostErrorKind.DiskFull),
        new("WCL6006", "'winlayers scratch remove' and 'winlayers destroy' remove layers"),
        new("WCL6010", "'winlayers scratch create' made it"),
        new("WCL6011", "--parent"),
        new("WCL6014", "'winlayers scratch unmount'"),
        new("WCL6015", "--store"),
        new("WCL7006", "--limit layers=N"),
        new("WCL7010", "--platform, --isolation"),
    ];

    // The details that are no enums in the library.
    internal const string TokenHostUntrusted = nameof(RegistryAuthenticationException.IsTokenHostUntrusted);
    internal const string LoggedOut = nameof(RegistryAuthenticationException.WasRefused);
    internal const string DeletionOfTag = nameof(RegistryUnsupportedException.IsOfTag);

    /// <summary>The remedy of a failure; null where none is known.</summary>
    public static string? Of(WinLayersException failure) =>
        // What could not be undone is told with the remedy of what failed before.
        failure is UndoFailedException { InnerException: WinLayersException before }
            ? Of(before)
            : Join(failure.Remedy, failure.Code, DetailOf(failure));

    /// <summary>The remedy of a rule that a layer breaks.</summary>
    public static string Of(LayerRule rule) => Join(rule.Remedy, rule.Code, detail: null)!;

    private static object? DetailOf(WinLayersException failure) => failure switch
    {
        HostCallException host => HostErrorCatalog.Find(host.Call, host.ErrorCode)?.Kind,
        RegistryUnreachableException unreachable => unreachable.Failure,
        RegistryAuthenticationException { IsTokenHostUntrusted: true } => TokenHostUntrusted,
        RegistryAuthenticationException { Repository.Length: > 0, WasRefused: false } => LoggedOut,
        RegistryUnsupportedException { IsOfTag: true } => DeletionOfTag,
        _ => null,
    };

    private static string? Join(string? remedy, string code, object? detail) =>
        remedy is not null
            && Table.FirstOrDefault(row => row.Code == code && (row.Detail is null || row.Detail.Equals(detail))) is { } found
            ? $"{remedy.TrimEnd('.')} ({found.Words})."
            : remedy;

    /// <summary>One row of the table.</summary>
    /// <param name="Code">The code of the error.</param>
    /// <param name="Words">The options or verbs.</param>
    /// <param name="Detail">What else the error says of itself, where the code alone does not tell which words fit.</param>
    internal sealed record Row(string Code, string Words, object? Detail = null);
}
