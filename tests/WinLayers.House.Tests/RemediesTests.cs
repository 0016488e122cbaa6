using System.Text.RegularExpressions;
using WinLayers.Cli.Frame;
using WinLayers.Formats;
using WinLayers.Formats.Tar;
using WinLayers.Oci.Disk;
using WinLayers.Testing;
using WinLayers.Windows.Errors;

namespace WinLayers.House.Tests;

/// <summary>The command's table of options and verbs for the library's remedies.</summary>
public sealed class RemediesTests
{
    public static TheoryData<string> Codes => [.. Remedies.Table.Select(row => row.Code).Distinct()];

    [Theory]
    [MemberData(nameof(Codes))]
    public void EveryCode_IsOneOfTheLibrary(string code)
    {
        string command = $"{Path.DirectorySeparatorChar}WinLayers.Cli{Path.DirectorySeparatorChar}";
        Assert.Contains(
            Repository.SourceFiles.Where(file => !file.Contains(command, StringComparison.Ordinal)),
            file => File.ReadAllText(file).Contains($"\"{code}\"", StringComparison.Ordinal));
    }

    [Fact]
    public void NoTwoRows_AreForTheSameError()
    {
        Assert.Equal(Remedies.Table.Count, Remedies.Table.DistinctBy(row => (row.Code, row.Detail)).Count());
        // A row without a detail is for every error of its code.
        Assert.Empty(
            Remedies.Table.GroupBy(row => row.Code).Where(rows => rows.Count() > 1 && rows.Any(row => row.Detail is null))
            .Select(rows => rows.Key));
    }

    [Fact]
    public void EveryOptionAndVerbOfTheTable_IsOneOfTheCommand()
    {
        string help =
            string.Join('\n',
            Repository.SourceFiles.Where(
            file => file.Contains("WinLayers.Cli", StringComparison.Ordinal) && !file.EndsWith("Remedies.cs", StringComparison.Ordinal))
            .Select(File.ReadAllText));
        IEnumerable<string> names =
            from row in Remedies.Table
            where row.Code != "WCL2107" // Options of tar programs.
            from Match match in Regex.Matches(row.Words, "--[a-z-]+|winlayers (?<verb>[a-z-]+)", RegexOptions.ExplicitCapture,
                TimeSpan.FromSeconds(1))
            select match.Groups["verb"].Success ? match.Groups["verb"].Value : match.Value;
        Assert.All(names, name => Assert.Contains($"\"{name}\"", help, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0x80370101, "('winlayers platform IMAGE' shows which image is chosen and why).")]
    [InlineData(0x80070002, "('winlayers verify').")]
    [InlineData(0x80070005, "('winlayers grant-access').")]
    [InlineData(0x80070020, "('winlayers doctor' lists leftovers).")]
    [InlineData(0x80070070, "('winlayers gc' removes leftovers of earlier work).")]
    [InlineData(0x80070522, "('winlayers doctor' shows the privileges).")]
    [InlineData(0xC03A001C, "('winlayers scratch unmount').")]
    public void HostError_IsToldWithTheVerbThatHelps(uint code, string end) =>
        Assert.EndsWith(end, ErrorReport.Of(new HostCallException("AnyCall", unchecked((int)code))).Line(), StringComparison.Ordinal);

    [Fact]
    public void EveryKindOfHostError_HasItsWords() =>
        Assert.Equal(
            HostErrorCatalog.Entries.Select(entry => entry.Kind).Where(kind => kind is not HostErrorKind.Other).Distinct().Order(),
            Remedies.Table.Select(row => row.Detail).OfType<HostErrorKind>().Order());

    [Fact]
    public void Rule_IsToldWithTheOption() =>
        Assert.Equal("Raise the limit if you trust the layer (--limit).", Remedies.Of(TarRules.EntryCount));

    [Fact]
    public void Failure_WithoutARemedy_HasNoOptionEither() =>
        Assert.Null(Remedies.Of(new HostCallException("AnyCall", unchecked((int)0x80ABCDEF))));

    [Fact]
    public void FailureOfTheFramework_HasACode_AndTheOption()
    {
        var denied = new UnauthorizedAccessException("Access to the path 'x' is denied.");

        Assert.Equal(
            "Access to the path 'x' is denied [WCL5023]. Check who owns the folder, or use a store of your own (--store).",
                ErrorReport.Of(denied).Line());
        Assert.Equal("it broke [WCL5024]", ErrorReport.Of(new IOException("it broke.")).Line());
    }

    [Fact]
    public void Defect_IsToldAsOne() =>
        Assert.Contains("[WCL1999]", ErrorReport.Of(new InvalidOperationException("x")).Line(), StringComparison.Ordinal);

    [Fact]
    public void DiskExceptionOfTheFramework_KeepsTheReason() =>
        Assert.Equal(DiskFailure.AccessDenied, Assert.IsType<DiskException>(DiskException.From(new UnauthorizedAccessException())).Reason);

    [Fact]
    public void DiskExceptionOfAKnownFailure_IsThatFailure()
    {
        WinLayersException known = new HostCallException("AnyCall", 5);
        Assert.Same(known, DiskException.From(known));
    }
}
