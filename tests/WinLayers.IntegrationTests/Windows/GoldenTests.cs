using System.Security.Cryptography;
using System.Text.Json;

namespace WinLayers.IntegrationTests.Windows;

/// <summary>
/// The recorded layers (tests/WinLayers.Tests/golden), replayed through NtfsVolume and HcsLayerHost as the win-x64 build has them.
/// </summary>
public sealed class GoldenTests(WineBed bed) : WineTest(bed)
{
    // What the reference leaks for a missing time; here it is the modification time (golden/README.md).
    private const long LeakedTime = 48491090211286549;

    // Streams that say the same in another order: descriptors made of SDDL, several extended attributes.
    private static readonly HashSet<string> OtherOrder = ["base-sddl", "base-eas-streams"];

    public static TheoryData<string> BaseCases => [.. Cases(name => name.StartsWith("base-", StringComparison.Ordinal))];

    public static TheoryData<string> DiffCases =>
        [.. Cases(name => name.StartsWith("diff-", StringComparison.Ordinal) && !name.Contains("-err-", StringComparison.Ordinal))];

    public static TheoryData<string> RefusedDiffCases => [.. Cases(name => name.StartsWith("diff-err-", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(BaseCases))]
    public async Task Base_Replayed_GivesBackupWriteTheSameBytes(string name)
    {
        using JsonDocument document = Expected(name);
        JsonElement expected = document.RootElement;

        WineResult result = await UnpackAsync(name);

        if (expected.GetProperty("refused").GetBoolean())
        {
            Assert.DoesNotContain("ProcessUtilityImage", result.HostCalls);
            Assert.Equal(result.ExitCode == 0, result.HostCalls.Contains("ProcessBaseImage"));
            return;
        }

        result.AssertDone();
        Assert.Equal(expected.GetProperty("calls").EnumerateArray().Select(call => call.GetString()!), result.HostCalls);
        JsonElement[] entries = [.. expected.GetProperty("entries").EnumerateArray()];
        Dictionary<string, string> streams = result.Calls.Where(call => call.StartsWith("BackupWrite ", StringComparison.Ordinal))
            .Select(call => call.Split(' ', 3)).ToDictionary(parts => parts[2], parts => parts[1], StringComparer.Ordinal);
        foreach (JsonElement entry in entries)
        {
            string path = entry.GetProperty("path").GetString()!;
            Assert.Contains(BasicInformation(entry, path), result.Calls);
            if (OtherOrder.Contains(name))
                continue;
            byte[] stream = streams.TryGetValue(path, out string? file)
                ? await File.ReadAllBytesAsync(Path.Join(At("store"), file), TestContext.Current.CancellationToken) : [];
            Assert.Equal(entry.GetProperty("streamSha256").GetString(), Convert.ToHexStringLower(SHA256.HashData(stream)));
        }

        Assert.Equal(
            entries.Select(entry => entry.GetProperty("path").GetString()),
            result.Calls.Where(call => call.StartsWith("NtCreateFile.new ", StringComparison.Ordinal))
                .Select(call => call.Split(' ', 4)[3]));
        Assert.Equal(
            expected.GetProperty("links").EnumerateArray()
                .Select(link => $"Link {link.GetProperty("path")} from {link.GetProperty("target")}"),
            result.Calls.Where(call => call.StartsWith("Link ", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(DiffCases))]
    public async Task Diff_Replayed_ImportsThenLinksThenSetsTimes(string name)
    {
        using JsonDocument document = Expected(name);
        JsonElement expected = document.RootElement;
        string[] parents = await UnpackParentsAsync(expected);

        WineResult result = await UnpackAsync(name, parents);

        result.AssertDone();
        Assert.Equal(expected.GetProperty("calls").EnumerateArray().Select(call => call.GetString()!), result.HostCalls);
        string[] afterImport = [.. result.Calls.SkipWhile(call => !call.StartsWith("ImportLayer ", StringComparison.Ordinal))];
        JsonElement[] steps = [.. expected.GetProperty("afterImport").EnumerateArray()];
        Assert.Equal(
            steps.Where(step => step.GetProperty("op").GetString() == "link")
                .Select(step => $"Link {step.GetProperty("path")} from {step.GetProperty("target")}"),
            afterImport.Where(call => call.StartsWith("Link ", StringComparison.Ordinal)));
        Assert.Equal(
            steps.Where(step => step.GetProperty("op").GetString() == "times")
                .Select(step => BasicInformation(step, step.GetProperty("path").GetString()!)),
            afterImport.Where(call => call.StartsWith("BasicInformation ", StringComparison.Ordinal)));
        string chain = await File.ReadAllTextAsync(Path.Join(At(name), "layerchain.json"), TestContext.Current.CancellationToken);
        Assert.Equal(parents.Select(parent => WineBed.ToWindows(At(parent))), JsonSerializer.Deserialize<string[]>(chain));
    }

    [Theory]
    [MemberData(nameof(RefusedDiffCases))]
    public async Task Diff_Refused_IsNeverImported(string name)
    {
        using JsonDocument document = Expected(name);
        string[] parents = await UnpackParentsAsync(document.RootElement);

        WineResult result = await UnpackAsync(name, parents);

        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("WCL2", result["code"], StringComparison.Ordinal);
        Assert.Empty(result.HostCalls);
    }

    private static IEnumerable<string> Cases(Func<string, bool> which) =>
        Directory.GetDirectories(Golden("")).Select(path => Path.GetFileName(path)!).Where(which).Order(StringComparer.Ordinal);

    private static JsonDocument Expected(string name) => JsonDocument.Parse(File.ReadAllText(Path.Join(Golden(name), "expected.json")));

    private static string BasicInformation(JsonElement entry, string path)
    {
        JsonElement times = entry.GetProperty("times");
        long write = times.GetProperty("write").GetInt64();
        long Time(string name) => times.GetProperty(name).GetInt64() is var time && time == LeakedTime ? write : time;
        return $"BasicInformation {entry.GetProperty("attributes").GetUInt32()} {Time("creation")} " +
            $"{Time("access")} {write} {Time("change")} {path}";
    }

    private async Task<string[]> UnpackParentsAsync(JsonElement expected)
    {
        string[] parents = [.. expected.GetProperty("parents").EnumerateArray().Select(parent => parent.GetString()!)];
        for (int i = parents.Length - 1; i >= 0; i--)
            (await UnpackAsync(parents[i], parents[(i + 1)..])).AssertDone();
        return parents;
    }
}
