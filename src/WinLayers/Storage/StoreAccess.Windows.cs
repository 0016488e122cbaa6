using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;
using WinLayers.Formats.Ntfs.Security;

namespace WinLayers.Storage;

internal static partial class StoreAccess
{
    /// <summary>Makes the store's folder with its access, or looks that nobody else can write to the one that is there.</summary>
    /// <exception cref="StoreAccessException">Others may write there, or the folder is to be made by nobody who may.</exception>
    [SupportedOSPlatform("windows")]
    internal static void Secure(string root)
    {
        using WindowsIdentity self = WindowsIdentity.GetCurrent();
        if (!Directory.Exists(root))
        {
            // Made by anybody else it would lock them out of it.
            if (!new WindowsPrincipal(self).IsInRole(WindowsBuiltInRole.Administrator))
                throw StoreAccessException.NotYours(root);
            DirectorySecurity access = new();
            access.SetSecurityDescriptorSddlForm(OwnersOnly, AccessControlSections.Access);
            FileSystemAclExtensions.CreateDirectory(access, root);
        }

        // Asked also of what was just made: somebody may have been faster.
        const AccessControlSections asked = AccessControlSections.Owner | AccessControlSections.Access;
        DirectorySecurity found = new DirectoryInfo(root).GetAccessControl(asked);
        IReadOnlyList<string> others =
            OthersWhoMayWrite(SecurityDescriptor.FromBytes(found.GetSecurityDescriptorBinaryForm()), self.User?.Value);
        if (others.Count > 0)
            throw StoreAccessException.Open(root, others);
    }
}
