using System.Text.RegularExpressions;
using WinLayers.Testing;

namespace WinLayers.House.Tests;

/// <summary>What the library's source may not do, whatever the reason.</summary>
public sealed partial class BannedCallsTests
{
    private static IEnumerable<string> Library =>
        Repository.SourceFiles.Where(file => !file.Contains("WinLayers.Cli", StringComparison.Ordinal));

    [Fact]
    public void OnlyTheCredentialHelper_StartsAProgram() => Assert.Equal(["CredentialHelper.cs"], FilesWith(StartsProcess()));

    [Fact]
    public void NothingIsExtractedByTheFramework() => Assert.Empty(FilesWith(ExtractsTar()));

    [Fact]
    public void CertificatesAreNeverAcceptedUnseen() => Assert.Empty(FilesWith(AcceptsAnything()));

    [Fact]
    public void NativeCodeIsLoadedByLibraryImportAlone() => Assert.Empty(FilesWith(ImportsByReflection()));

    [Fact]
    public void EveryBannedSymbol_SaysWhatToDoInstead() =>
        Assert.All(File.ReadAllLines(Path.Combine(Repository.Root, "BannedSymbols.txt")).Where(line => line.Length > 0),
            line => Assert.Matches("^[MTPFN]:[^;]+;.{20,}$", line));

    private static IEnumerable<string> FilesWith(Regex call) =>
        Library.Where(file => call.IsMatch(File.ReadAllText(file))).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal);

    [GeneratedRegex(@"\bProcess\.Start\b|\bnew Process\b|\bProcessStartInfo\b", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex StartsProcess();

    [GeneratedRegex(@"\bTarFile\.|\bExtractToFile|\bExtractToDirectory|\bZipFile\.", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ExtractsTar();

    [GeneratedRegex(
        @"DangerousAcceptAnyServerCertificateValidator|ServerCertificateValidationCallback\s*\+?=\s*(?:\(|static|delegate)[^;]*=>\s*true",
        RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex AcceptsAnything();

    [GeneratedRegex(@"\[DllImport\b|\bAssembly\.Load|\bBinaryFormatter\b", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ImportsByReflection();
}
