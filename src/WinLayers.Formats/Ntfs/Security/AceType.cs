namespace WinLayers.Formats.Ntfs.Security;

/// <summary>Types of access control entries, with the numbers that Windows gives them.</summary>
internal enum AceType : byte
{
    Allow = 0x00,
    Deny = 0x01,
    Audit = 0x02,
    Alarm = 0x03,
    AllowCompound = 0x04,
    ObjectAllow = 0x05,
    ObjectDeny = 0x06,
    ObjectAudit = 0x07,
    ObjectAlarm = 0x08,
    CallbackAllow = 0x09,
    CallbackDeny = 0x0A,
    CallbackObjectAllow = 0x0B,
    CallbackObjectDeny = 0x0C,
    CallbackAudit = 0x0D,
    CallbackAlarm = 0x0E,
    CallbackObjectAudit = 0x0F,
    CallbackObjectAlarm = 0x10,
    MandatoryLabel = 0x11,
    ResourceAttribute = 0x12,
    ScopedPolicy = 0x13,
    ProcessTrustLabel = 0x14,
    AccessFilter = 0x15,
}

/// <summary>What the types of access control entries have in common.</summary>
internal static class AceTypeExtensions
{
    extension(AceType type)
    {
        /// <summary>Whether an entry of this type names a SID after its mask (and GUIDs).</summary>
        public bool HasSid => type <= AceType.AccessFilter && type != AceType.AllowCompound;

        /// <summary>Whether an entry of this type has object flags and up to two GUIDs before its SID.</summary>
        public bool IsObject => type is
            (>= AceType.ObjectAllow and <= AceType.ObjectAlarm) or AceType.CallbackObjectAllow or AceType.CallbackObjectDeny
            or AceType.CallbackObjectAudit or AceType.CallbackObjectAlarm;
    }
}
