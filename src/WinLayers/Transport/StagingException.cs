using System.Diagnostics;
using WinLayers.Formats;

namespace WinLayers.Transport;

/// <summary>Why a layer cannot be staged, or a staged layer not be used.</summary>
public enum StagingFailure
{
    /// <summary>The folder or a file beside it is there already.</summary>
    Taken,

    /// <summary>The plan is not the document that staging writes, or is for other parents.</summary>
    Plan,

    /// <summary>The plan or a directory that it names is missing.</summary>
    Incomplete,

    /// <summary>The tar of the Utility VM's changes is missing, or there is one that the plan does not know.</summary>
    UtilityVm,
}

/// <summary>A staged layer's folder and the files beside it are not as staging leaves them, or their names are taken.</summary>
public sealed class StagingException : WinLayersException
{
    internal StagingException(StagingFailure reason, string problem, Exception? innerException = null)
        : base(CodeOf(reason), problem, innerException)
    {
        Reason = reason;
        Remedy = RemedyOf(reason);
    }

    /// <summary>What is wrong.</summary>
    public StagingFailure Reason { get; }

    internal static string CodeOf(StagingFailure reason) => reason switch
    {
        StagingFailure.Plan => "WCL2345",
        StagingFailure.Incomplete => "WCL2348",
        StagingFailure.UtilityVm => "WCL2349",
        StagingFailure.Taken => "WCL2350",
        _ => throw new UnreachableException(),
    };

    private static string RemedyOf(StagingFailure reason) => reason switch
    {
        StagingFailure.Taken => "Name a folder that is not there yet.",
        StagingFailure.Plan => "Stage the layer again.",
        StagingFailure.Incomplete =>
            "Take FOLDER.plan.json along with FOLDER, empty directories included, or stage the layer again. " +
            "Without it removals, hard links and times would be missing.",
        _ => "Take FOLDER.uvm.tar along with FOLDER and FOLDER.plan.json, all of one staging, or stage the layer again.",
    };
}
