using System.Net;
using WinLayers.Oci.Registries.Transport;

namespace WinLayers.Oci.Registries.Client;

/// <summary>What registries that do not delete answer: 405, or 400 where they want a digest (distribution specification 1.1).</summary>
internal static class Deletion
{
    public static RegistryUnsupportedException Refused(RegistryCall call, HttpStatusCode status, bool isTag) =>
        new(call,
            isTag ? $"it deletes no tag without its manifest, or nothing at all: it answers {ResponseFailure.Describe(status)}"
                : $"it does not delete: it answers {ResponseFailure.Describe(status)}",
            isTag ? "Name the manifest's digest: the manifest goes then, with every tag that leads to it."
                : "Whoever runs the registry has to allow it.")
        {
            Status = status,
            IsOfTag = isTag,
        };
}
