namespace WinLayers.Windows.Errors;

/// <summary>
/// Codes of the Host Compute Service, as winerror.h and its reference have them. Each comes as <c>HCS_E_…</c> (<c>0x8037…</c>) and,
/// from older functions, as <c>ERROR_VMCOMPUTE_…</c> (<c>0xC037…</c>) with the same number.
/// </summary>
internal static class ComputeSystemErrors
{
    private const uint NewForm = 0x80370000;
    private const uint OldForm = 0xC0370000;

    private const string MatchBuild = "Take the image for this host's build, or run it with Hyper-V isolation on a host that is not older.";
    private const string TurnOnHyperV =
        "Turn on Hyper-V and the Containers feature, check that virtualization is enabled in the firmware, and " +
            "restart; process isolation needs no Hyper-V.";
    private const string LookAtEvents = "Look at its own output and at the event log Microsoft-Windows-Hyper-V-Compute.";
    private const string TryAgain = "Try again when the machine is less busy; the event log Microsoft-Windows-Hyper-V-Compute tells more.";
    private const string CheckState = "Look at what runs ('hcsdiag list') and try again.";
    private const string RestartService = "Restart the service vmcompute (Host Compute Service) and try again.";
    private const string ReportDocument = "This is a defect of the program that made the request, or it is newer than this Windows.";

    internal static IReadOnlyList<HostError> Entries { get; } =
    [
        .. Both(0x100, "HCS_E_TERMINATED_DURING_START", "the container or virtual machine exited while it started", LookAtEvents),
        .. Both(0x101, "HCS_E_IMAGE_MISMATCH", "the image is for another Windows build than the host's", MatchBuild,
            HostErrorKind.OtherBuild),
        .. Both(0x102, "HCS_E_HYPERV_NOT_INSTALLED",
            "the virtual machine needs a feature that is not installed or not enabled in the firmware", TurnOnHyperV),
        .. Both(0x105, "HCS_E_INVALID_STATE", "the container or virtual machine is not in a state that allows this", CheckState),
        .. Both(0x106, "HCS_E_UNEXPECTED_EXIT", "the container or virtual machine exited unexpectedly", LookAtEvents),
        .. Both(0x107, "HCS_E_TERMINATED", "the container or virtual machine was ended by force", LookAtEvents),
        .. Both(0x108, "HCS_E_CONNECT_FAILED", "no connection to the container or virtual machine could be made", TryAgain),
        .. Both(0x109, "HCS_E_CONNECTION_TIMEOUT", "the container or virtual machine did not answer in time", TryAgain),
        .. Both(0x10A, "HCS_E_CONNECTION_CLOSED", "the connection to the container or virtual machine was closed", LookAtEvents),
        .. Both(0x10C, "HCS_E_UNSUPPORTED_PROTOCOL_VERSION", "the image and the host speak no common version of the protocol", MatchBuild,
            HostErrorKind.OtherBuild),
        .. Both(0x10D, "HCS_E_INVALID_JSON", "a document that was handed over is not one that this Windows knows", ReportDocument),
        .. Both(0x10E, "HCS_E_SYSTEM_NOT_FOUND", "there is no container or virtual machine of this id", CheckState),
        .. Both(0x10F, "HCS_E_SYSTEM_ALREADY_EXISTS", "there is a container or virtual machine of this id already", CheckState),
        .. Both(0x110, "HCS_E_SYSTEM_ALREADY_STOPPED", "the container or virtual machine is not running", CheckState),
        .. Both(0x111, "HCS_E_PROTOCOL_ERROR", "the container or virtual machine and the host misunderstood each other", LookAtEvents),
        .. Both(0x112, "HCS_E_INVALID_LAYER",
            "a layer has a format that this build does not know: it was not made on this host, or the image is of a " +
                "Windows version that this host does not run",
            "Unpack the image again on this host. If it fails as before: " + MatchBuild, HostErrorKind.OtherBuild),
        .. Both(0x113, "HCS_E_WINDOWS_INSIDER_REQUIRED", "the image is for preview builds of Windows", MatchBuild,
            HostErrorKind.OtherBuild),
        .. Both(0x114, "HCS_E_SERVICE_NOT_AVAILABLE", "a feature that the call needs is not installed", TurnOnHyperV),
        .. Both(0x118, "HCS_E_OPERATION_TIMEOUT", "the operation was not done in time", TryAgain),
        .. Both(0x11B, "HCS_E_ACCESS_DENIED", "only administrators and members of the group Hyper-V Administrators may do this",
            "Run elevated, or add the account to the group Hyper-V Administrators and sign in again."),
        .. Both(0x11C, "HCS_E_GUEST_CRITICAL_ERROR",
            "the container or virtual machine reported a critical error and was stopped or restarted", LookAtEvents),
        .. Both(0x11E, "HCS_E_SERVICE_DISCONNECT", "the Host Compute Service went away", RestartService),
    ];

    private static HostError[] Both(uint number, string name, string cause, string remedy, HostErrorKind kind = HostErrorKind.Other) =>
    [
        HostError.Of(NewForm | number, null, name, cause, remedy, kind),
        HostError.Of(OldForm | number, null, name, cause, remedy, kind),
    ];
}
