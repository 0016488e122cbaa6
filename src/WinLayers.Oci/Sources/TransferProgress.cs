using WinLayers.Oci.Documents;

namespace WinLayers.Oci.Sources;

/// <summary>What is happening to a blob.</summary>
public enum TransferState
{
    /// <summary>Its bytes are on their way.</summary>
    Moving,

    /// <summary>It has arrived, verified.</summary>
    Done,

    /// <summary>The target has it already.</summary>
    Present,

    /// <summary>It is a foreign layer and stays where its <c>urls</c> say.</summary>
    LeftOut,

    /// <summary>It was read, and is not what it should be.</summary>
    Refused,
}

/// <summary>How far the transfer of one blob is. Reports of several blobs interleave, and come on several threads.</summary>
/// <param name="Blob">The blob.</param>
/// <param name="State">What is happening to it.</param>
/// <param name="Bytes">How many of its bytes have arrived.</param>
public readonly record struct TransferProgress(Descriptor Blob, TransferState State, long Bytes);
