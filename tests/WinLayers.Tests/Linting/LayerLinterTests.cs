using System.Buffers.Binary;
using WinLayers.Formats;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Tar;
using WinLayers.Linting;
using WinLayers.Testing;
using WinLayers.Tests.Writing;
using WinLayers.Volumes;
using WinLayers.Writing;

namespace WinLayers.Tests.Linting;

public sealed class LayerLinterTests
{
    public static TheoryData<string> GoldenCases => [.. GoldenLayers.Names];

    /// <summary>A rule, and the shortest base layer that breaks it.</summary>
    public static TheoryData<string, Func<LayerTar, LayerTar>> BaseCases => new()
    {
        { "shape-missing-parent", tar => tar.File("Files/a/b") },
        { "shape-duplicate", tar => tar.File("Files/a").File("Files/A") },
        { "shape-windows-character", tar => tar.File("Files/a|b") },
        { "shape-not-a-directory", tar => tar.File("Files/a").File("Files/a/b") },
        { "shape-through-reparse-point", tar => tar.MountPoint("Files/j", @"\??\C:\x").File("Files/j/b") },
        { "link-to-nothing", tar => tar.HardLink("Files/l", "Files/none") },
        { "link-order", tar => tar.HardLink("Files/l", "Files/a").File("Files/a") },
        { "link-to-directory", tar => tar.HardLink("Files/l", "Files") },
        { "whiteout-in-base", tar => tar.Whiteout("Files/a") },
        { "name-colon", tar => tar.File("Files/a:s") },
        { "name-traversal", tar => tar.File("Files/../x") },
        { "lint-no-security", tar => tar.File("Files/a") },
        { "lint-trailing-dot-or-space", tar => tar.File("Files/a.") },
        { "lint-device-name", tar => tar.File("Files/nul.txt") },
        { "lint-unknown-attributes", tar => tar.File("Files/a", "", Pax.Attributes(0x1000_0020)) },
        { "lint-lost-attributes", tar => tar.File("Files/a", "", Pax.Attributes(0x220)) },
        { "lint-reparse-attribute", tar => tar.File("Files/a", "", Pax.Attributes(0x420)) },
        { "lint-unknown-root", tar => tar.File("Extra") },
        { "lint-root-case", tar => tar.Directory("FILES/d") },
        { "lint-hive-name", tar => tar.File("Hives/System_Delta") },
        { "lint-long-name", tar => tar.File($"Files/{new string('文', 100)}") },
        { "lint-uvm-boot", tar => tar.Directory("UtilityVM") },
    };

    public static TheoryData<string, Func<LayerTar, LayerTar>> DiffCases => new()
    {
        { "whiteout-of-nothing", tar => tar.Whiteout("Files/none") },
        { "whiteout-outside", tar => tar.Whiteout("Hives/System_Delta") },
        { "whiteout-of-own-file", tar => tar.Whiteout("Files/a").File("Files/a") },
        { "whiteout-of-own-directory", tar => tar.Whiteout("Files/d").Directory("Files/d") },
        { "whiteout-opaque", tar => tar.Opaque("Files/d") },
        { "link-outside", tar => tar.HardLink("Hives/l", "Files/Windows/a.txt") },
        { "link-over-file", tar => tar.File("Files/l").HardLink("Files/l", "Files/Windows/a.txt") },
        { "shape-marker-name", tar => tar.File("Files/d.$wcidirs$") },
        { "uvm-missing-directory", tar => tar.File("UtilityVM/Files/x") },
        { "uvm-outside-files", tar => tar.Directory("UtilityVM").File("UtilityVM/x") },
        { "uvm-whiteout-of-nothing", tar => tar.Directory("UtilityVM").Whiteout("UtilityVM/Files/none") },
        { "hive-stream", tar => tar.File("Hives/System_Delta").Stream("Hives/System_Delta", "s", "x") },
        { "lint-hive-name", tar => tar.File("Hives/System_Base") },
    };

    [Theory]
    [MemberData(nameof(GoldenCases))]
    public void Lint_RecordedLayer_HasErrorsExactlyWhereTheReferenceRefuses(string name)
    {
        var expected = GoldenLayers.Expected(name);
        using FileStream tar = GoldenLayers.Open(name);

        List<LayerFinding> errors =
            [.. LayerLinter.Lint(tar, GoldenLayers.Parents(expected)).Where(finding => finding.Severity is RuleSeverity.Error)];

        Assert.Equal(GoldenLayers.IsRefused(expected), errors.Count > 0);
        Assert.Equal(tar.Length, tar.Position);
    }

    [Theory]
    [MemberData(nameof(BaseCases), DisableDiscoveryEnumeration = true)]
    public void Lint_BaseLayer_FindsWhatIsWrongWithItsEntry(string rule, Func<LayerTar, LayerTar> build)
    {
        Assert.DoesNotContain(Lint(Sound(LayerTar.New()), []), finding => finding.Rule.Name == rule);
        Assert.Contains(Lint(build(Sound(LayerTar.New())), []), finding => finding.Rule.Name == rule && finding.Remedy.Length > 0);
    }

    [Theory]
    [MemberData(nameof(DiffCases), DisableDiscoveryEnumeration = true)]
    public void Lint_DiffLayer_FindsWhatIsWrongWithItsEntry(string rule, Func<LayerTar, LayerTar> build)
    {
        List<ILayerTree> parents = GoldenLayers.Parents(GoldenLayers.Expected("diff-simple"));
        Assert.DoesNotContain(Lint(LayerTar.New().Directory("Files").Directory("Hives"), parents), finding => finding.Rule.Name == rule);
        Assert.Contains(Lint(build(LayerTar.New().Directory("Files").Directory("Hives")), parents), finding => finding.Rule.Name == rule);
    }

    [Fact]
    public void Lint_SeveralFaults_AreAllFound_EachAtItsEntry()
    {
        LayerTar tar = Sound(LayerTar.New()).File("Files/a:s");
        long second = tar.Length;
        tar.File("Files/b?").File("Files/ok").HardLink("Files/l", "Files/none");

        List<LayerFinding> errors = [.. Lint(tar, []).Where(finding => finding.Severity is RuleSeverity.Error)];

        Assert.Equal(["name-colon", "shape-windows-character", "link-to-nothing"], errors.Select(finding => finding.Rule.Name));
        Assert.Equal("Files/b?", errors[1].EntryName);
        Assert.Equal(second, errors[1].TarOffset);
    }

    // Base layers in registries hold Files and UtilityVM; Windows makes Hives when it processes them.
    [Fact]
    public void Lint_BaseLayerWithoutHives_IsSound_AndOneWithoutFilesIsNot()
    {
        Assert.DoesNotContain(Lint(LayerTar.New().Directory("Files"), []), finding => finding.Rule == LintRules.NoFiles);
        Assert.Contains(Lint(LayerTar.New().Directory("Hives"), []), finding => finding.Rule == LintRules.NoFiles);
    }

    [Fact]
    public void Lint_DamagedTar_EndsWithOneFinding()
    {
        using var tar = new MemoryStream(Sound(LayerTar.New()).File("Files/big", new byte[5000]).ToUnfinished()[..^2000]);

        LayerFinding last = LayerLinter.Lint(tar, []).Single(finding => finding.Severity is RuleSeverity.Error);

        Assert.Same(TarRules.Truncated, last.Rule);
    }

    [Fact]
    public void Lint_TarCutBetweenTwoEntries_IsWarnedOfAtItsEnd()
    {
        byte[] whole = Sound(LayerTar.New()).File("Files/lost").ToArray(), cut = Sound(LayerTar.New()).ToUnfinished();

        LayerFinding warning = Assert.Single(LayerLinter.Lint(new MemoryStream(cut), []), finding => finding.Rule == TarRules.NoEnd);

        Assert.Equal((RuleSeverity.Warning, cut.Length), (warning.Severity, warning.TarOffset));
        Assert.DoesNotContain(LayerLinter.Lint(new MemoryStream(whole), []), finding => finding.Rule == TarRules.NoEnd);
        Assert.DoesNotContain(LayerLinter.Lint(new MemoryStream(whole[..(cut.Length + 100)]), []),
            finding => finding.Rule == TarRules.NoEnd);
    }

    [Fact]
    public void Lint_WhiteoutThatHoldsSomething_IsWarnedOfAtItsEntry()
    {
        LayerTar tar = LayerTar.New().Directory("Files").Whiteout("Files/empty");
        long offset = tar.Length;
        tar.File("Files/.wh.full", "lost").File("Files/.wh..wh..opq", "lost too");

        List<LayerFinding> warnings = [.. Lint(tar, parents: null).Where(finding => finding.Rule == LintRules.WhiteoutData)];

        Assert.Equal(["Files/.wh.full", "Files/.wh..wh..opq"], warnings.Select(warning => warning.EntryName));
        Assert.Equal(offset, warnings[0].TarOffset);
    }

    [Theory]
    [InlineData("a\0b", false, null, "holds a NUL")]
    [InlineData("C:\\x\0", true, null, "holds a NUL")]
    [InlineData("x", true, null, "does not start with")]
    [InlineData("xy", false, 10, "is empty")]
    [InlineData("C:\\x", true, 10, "is empty")]
    [InlineData("C:\\x", true, 12, "laid out")]
    [InlineData("C:\\x", true, -1, "laid out")]
    public void Lint_LinkThatWindowsCannotFollow_IsWarnedOfAtItsEntry(string target, bool isMountPoint, int? damage, string detail)
    {
        // Made as any link and then changed: 10 and 12 are the fields that give the substitute name's length and the print name's offset.
        byte[] buffer = ReparsePoint.FromTarget(target.Replace('\0', '0'), isMountPoint).Buffer.ToArray();
        if (damage is { } field and >= 0)
            buffer[field] = 0;
        else if (damage is not null)
            buffer = [.. buffer, 0, 0];
        BinaryPrimitives.WriteUInt16LittleEndian(buffer.AsSpan(4), checked((ushort)(buffer.Length - 8)));
        if (target.Contains('\0', StringComparison.Ordinal))
        {
            int at = buffer.AsSpan().IndexOf("0\0"u8);
            buffer[at] = 0;
        }

        LayerTar Link(byte[] reparse) => Sound(LayerTar.New()).Directory("Files/l", Pax.Attributes(0x410), Pax.Reparse(reparse));
        LayerFinding warning = Assert.Single(Lint(Link(buffer), []), static finding => finding.Rule == LintRules.LinkData);

        Assert.Equal((RuleSeverity.Warning, "Files/l"), (warning.Severity, warning.EntryName));
        Assert.Contains(detail, warning.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain('\0', warning.Detail);
        byte[] sound = ReparsePoint.FromTarget(isMountPoint ? "C:\\x" : "x", isMountPoint).Buffer.ToArray();
        Assert.DoesNotContain(Lint(Link(sound), []), static finding => finding.Rule == LintRules.LinkData);
    }

    [Fact]
    public void Lint_WithoutItsParents_DoesNotBlameTheLayerForThem()
    {
        LayerTar tar =
            LayerTar.New().Directory("Files").HardLink("Files/l", "Files/below").Whiteout("Files/gone").Directory("UtilityVM")
            .Whiteout("UtilityVM/Files/gone");

        List<LayerFinding> findings = [.. Lint(tar, parents: null)];

        Assert.Equal(2, findings.Count(finding => finding.Rule == LintRules.ParentsUnknown));
        Assert.DoesNotContain(findings, finding => finding.Severity is RuleSeverity.Error);
    }

    [Fact]
    public void Lint_MissingSecurity_IsToldOnceWithItsCount()
    {
        LayerTar tar = Sound(LayerTar.New()).File("Files/a").File("Files/b");

        Assert.StartsWith("it and 1 more ", Assert.Single(Lint(tar, []), finding => finding.Rule == LintRules.NoSecurity).Detail,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Lint_IsAskedForOneFinding_ReadsNoFurtherThanThat()
    {
        using MemoryStream tar = Sound(LayerTar.New()).File("Files/a?").File("Files/big", new byte[2_000_000]).Open();

        Assert.Equal("shape-windows-character", LayerLinter.Lint(tar, []).First().Rule.Name);
        Assert.True(tar.Position < 1_500_000);
    }

    private static LayerTar Sound(LayerTar tar) => tar.Directory("Files", ("MSWINDOWS.sd", "O:BAG:BAD:(A;;FA;;;BA)")).Directory("Hives");

    private static IEnumerable<LayerFinding> Lint(LayerTar tar, IReadOnlyList<ILayerTree>? parents)
    {
        using MemoryStream stream = tar.Open();
        return [.. LayerLinter.Lint(stream, parents)];
    }
}
