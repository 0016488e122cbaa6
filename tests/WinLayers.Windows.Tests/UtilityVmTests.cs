using WinLayers.Volumes;
using WinLayers.Windows.Errors;
using WinLayers.Windows.Interop;
using WinLayers.Windows.UtilityVm;

namespace WinLayers.Windows.Tests;

public sealed class UtilityVmTests : IDisposable
{
    private const string Vm = "12345678-abcd-1234-1234-123456789abc";

    private readonly string _root = Directory.CreateTempSubdirectory("winlayers-uvm-").FullName;
    private readonly RecordingCalls _calls = new();

    public void Dispose() => Directory.Delete(_root, recursive: true);

    // A patch of the base brings a Utility VM of its own: the unpatched one below it must not start.
    [Fact]
    public void Locate_TakesTheUppermostLayerThatBoots()
    {
        LayerChain chain = [Layer("app", boots: false), Layer("patch", boots: true), Layer("base", boots: true)];

        UtilityVmBoot boot = UtilityVmBoot.Locate(chain);

        Assert.Equal(chain[1], boot.LayerFolder);
        Assert.Equal(Path.Join(chain[1], "UtilityVM"), boot.UtilityVmFolder);
        Assert.Equal(Path.Join(chain[1], "UtilityVM", "Files"), boot.OsFilesFolder);
        Assert.Equal(Path.Join(chain[1], "UtilityVM", "SystemTemplate.vhdx"), boot.TemplateDisk);
        Assert.Equal(@"\EFI\Microsoft\Boot\bootmgfw.efi", boot.BootPath);
    }

    [Fact]
    public void Locate_ADirectoryInPlaceOfTheBootManager_IsNoUtilityVm()
    {
        string above = Layer("app", boots: false);
        Directory.CreateDirectory(Path.Join(above, "UtilityVM/Files/EFI/Microsoft/Boot/bootmgfw.efi"));

        Assert.Equal(Path.Join(_root, "base"), UtilityVmBoot.Locate([above, Layer("base", boots: true)]).LayerFolder);
        Assert.Equal("WCL6004", Assert.Throws<UtilityVmPayloadException>(() => UtilityVmBoot.Locate([above])).Code);
    }

    [Fact]
    public void Locate_ADirectoryInPlaceOfTheTemplate_IsIncomplete()
    {
        string layer = Layer("base", boots: true);
        string template = Path.Join(layer, "UtilityVM", "SystemTemplate.vhdx");
        File.Delete(template);
        Directory.CreateDirectory(template);

        Assert.Equal("WCL6005", Assert.Throws<UtilityVmPayloadException>(() => UtilityVmBoot.Locate([layer])).Code);
    }

    [Fact]
    public void Locate_OtherLetterCase_IsFound()
    {
        string layer = Layer("base", boots: true, manager: "utilityvm/files/efi/microsoft/boot/BOOTMGFW.EFI");

        Assert.EndsWith("files", UtilityVmBoot.Locate([layer]).OsFilesFolder, StringComparison.Ordinal);
    }

    [Fact]
    public void Locate_NoLayerBoots_SaysSo()
    {
        UtilityVmPayloadException e = Assert.Throws<UtilityVmPayloadException>(() => UtilityVmBoot.Locate([Layer("base", boots: false)]));

        Assert.Equal("WCL6004", e.Code);
    }

    [Fact]
    public void Locate_TemplateMissing_IsIncomplete()
    {
        string layer = Layer("base", boots: true);
        File.Delete(Path.Join(layer, "UtilityVM", "SystemTemplate.vhdx"));

        Assert.Equal("WCL6005", Assert.Throws<UtilityVmPayloadException>(() => UtilityVmBoot.Locate([layer])).Code);
    }

    [Fact]
    public void CreateScratch_CopiesTheTemplate_AndGrantsAccessToTheCopy_AndToWhatElseIsAskedFor()
    {
        LayerChain chain = [Layer("app", boots: false), Layer("base", boots: true)];
        UtilityVmBoot boot = UtilityVmBoot.Locate(chain);

        string disk = UtilityVmScratch.Create(_calls, boot, Vm, Path.Join(_root, "vm"), []);
        string other = UtilityVmScratch.Create(_calls, boot, Vm, Path.Join(_root, "other"), chain);

        Assert.Equal("template", File.ReadAllText(disk));
        Assert.Equal(
            [$"GrantVmAccess {disk}", $"GrantVmAccess {other}", .. chain.Select(layer => $"GrantVmAccess {layer}")], _calls.Details);
    }

    [Theory]
    [InlineData("12345678-ABCD-1234-1234-123456789ABC", "12345678-abcd-1234-1234-123456789abc")]
    [InlineData("{12345678-ABCD-1234-1234-123456789ABC}", "12345678-abcd-1234-1234-123456789abc")]
    [InlineData("12345678ABCD12341234123456789ABC", "12345678ABCD12341234123456789ABC")]
    [InlineData("my-pod@vm", "my-pod@vm")]
    public void MachineId_IsTextOfAnyKind_AndAGuidInOneSpelling(string id, string expected) =>
        Assert.Equal(expected, MachineId.Normalize(id));

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    public void MachineId_WithoutText_OrWithControlCharacters_IsACallersMistake(string id) =>
        Assert.Throws<ArgumentException>(() => MachineId.Normalize(id));

    [Fact]
    public void CreateScratch_GrantFails_LeavesNothingThatWasNotThere()
    {
        string there = Path.Join(_root, "there");
        Directory.CreateDirectory(there);
        LayerChain chain = [Layer("base", boots: true)];
        _calls.Fail("GrantVmAccess", 0x80070005);

        foreach (string folder in new[] { Path.Join(_root, "vm"), there })
            Assert.Throws<HostCallException>(() => UtilityVmScratch.Create(_calls, UtilityVmBoot.Locate(chain), Vm, folder, []));

        Assert.False(Directory.Exists(Path.Join(_root, "vm")));
        Assert.Empty(Directory.EnumerateFileSystemEntries(there));
    }

    private string Layer(string name, bool boots, string manager = "UtilityVM/Files/EFI/Microsoft/Boot/bootmgfw.efi")
    {
        string layer = Path.Join(_root, name);
        Directory.CreateDirectory(layer);
        if (boots)
        {
            string file = Path.Join(layer, manager);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, "efi");
            File.WriteAllText(Path.Join(layer, manager.Split('/')[0], "SystemTemplate.vhdx"), "template");
        }

        return layer;
    }
}
