using WinLayers.Formats;

namespace WinLayers.Windows.Errors;

/// <summary>The process may not do what layer work needs: its account does not hold the privileges.</summary>
public sealed class PrivilegeMissingException : WinLayersException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="privileges">The privileges that are not held, by their programmatic names.</param>
    public PrivilegeMissingException(IReadOnlyList<string> privileges)
        : base("WCL6003", $"this process does not hold {string.Join(", ", privileges)}, which layer files need")
    {
        Privileges = privileges;
        Remedy = "Run it elevated as an administrator or as LocalSystem, or give the account the rights 'Back up files and " +
            "directories', 'Restore files and directories' and 'Manage auditing and security log' (secpol.msc, " +
                "User Rights Assignment) and sign in again.";
    }

    /// <summary>The privileges that are not held.</summary>
    public IReadOnlyList<string> Privileges { get; }
}
