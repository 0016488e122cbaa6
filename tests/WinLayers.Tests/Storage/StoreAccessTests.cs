using WinLayers.Formats.Ntfs.Security;
using WinLayers.Storage;

namespace WinLayers.Tests.Storage;

/// <summary>Who may write to the default store of Windows, by the descriptor of its folder.</summary>
public sealed class StoreAccessTests
{
    private const string Self = "S-1-5-21-1-2-3-1001";

    [Theory]
    [InlineData("O:BA" + StoreAccess.OwnersOnly)]
    [InlineData("O:SYD:P(A;OICI;FA;;;BA)(A;OICI;FA;;;SY)")]
    [InlineData("O:S-1-5-21-1-2-3-1001D:P(A;OICI;FA;;;BA)(A;OICI;FA;;;SY)")]
    [InlineData("O:BAD:P(A;OICI;FA;;;BA)(A;OICIIO;GA;;;CO)(A;OICI;0x1200a9;;;BU)")]
    [InlineData("O:BAD:P(A;OICI;FA;;;BA)(D;;FA;;;BU)")]
    public void OnlyAdministratorsAndTheSystem_MayWrite(string sddl) =>
        Assert.Empty(StoreAccess.OthersWhoMayWrite(SecurityDescriptor.FromSddl(sddl), Self));

    // The second is what a folder in %ProgramData% inherits; the last has no rules at all.
    [Theory]
    [InlineData("O:BAD:(A;OICI;FA;;;BA)(A;;0x2;;;BU)", "S-1-5-32-545")]
    [InlineData("O:BAD:AI(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)(A;OICIID;0x1200a9;;;BU)(A;CIID;0x6;;;BU)", "S-1-5-32-545")]
    [InlineData("O:BAD:P(A;OICI;FA;;;BA)(A;OICIIO;GW;;;WD)", "S-1-1-0")]
    [InlineData("O:BAD:P(A;;FA;;;BA)(A;;WD;;;AU)", "S-1-5-11")]
    [InlineData("O:BAD:P(A;;FA;;;BA)(A;;WO;;;AU)(A;;SD;;;AU)", "S-1-5-11")]
    [InlineData("O:BAD:P(A;;FA;;;BA)(OA;;GA;;;AU)", "S-1-5-11")]
    [InlineData("O:S-1-5-21-1-2-3-1002D:P(A;;FA;;;BA)", "S-1-5-21-1-2-3-1002")]
    [InlineData("O:BAD:NO_ACCESS_CONTROL", "S-1-1-0")]
    [InlineData("O:BA", "S-1-1-0")]
    public void Others_AreNamed(string sddl, string other) =>
        Assert.Equal([other], StoreAccess.OthersWhoMayWrite(SecurityDescriptor.FromSddl(sddl), Self));

    [Fact]
    public void OtherSystems_HaveNoSuchStore() =>
        Assert.Equal(OperatingSystem.IsWindows(), StoreAccess.IsSystemStore(StorePaths.SystemRoot));
}
