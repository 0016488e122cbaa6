using WinLayers.Cli.Frame;
using WinLayers.Cli.Terminal;
using WinLayers.Formats;
using WinLayers.Formats.Text;
using WinLayers.Writing;

namespace WinLayers.Cli.Verbs;

/// <summary>What <c>lint --json</c> prints.</summary>
internal sealed record LintDocument(int Errors, int Warnings, int Notes, IReadOnlyList<LintDocument.LintedLayer> Layers)
{
    public static LintDocument Of(IReadOnlyList<(string Name, LayerFinding[] Findings)> layers)
    {
        int Count(RuleSeverity severity) => layers.Sum(layer => layer.Findings.Count(f => f.Severity == severity));
        return new LintDocument(
            Count(RuleSeverity.Error), Count(RuleSeverity.Warning), Count(RuleSeverity.Note),
            [.. layers.Select(layer => new LintedLayer(layer.Name, [.. layer.Findings.Select(Finding.Of)]))]);
    }

    public void WriteTo(Output output)
    {
        foreach (LintedLayer layer in Layers)
        {
            foreach (Finding finding in layer.Findings)
            {
                string place = finding.TarOffset is { } offset ? $"{layer.Name}:{offset}" : layer.Name;
                string entry = finding.Entry is { } name ? $"'{name}': " : "";
                output.Line(SafeText.OneLine(
                    $"{place}: {finding.Severity} {finding.Code} {finding.Rule}: {entry}{finding.Detail}. {finding.Remedy}"));
            }
        }

        output.Flush();
        string counts = $"{Quantity.Count(Errors, "error")}, {Quantity.Count(Warnings, "warning")}, {Quantity.Count(Notes, "note")}";
        if (Errors > 0)
            Console.Error.WriteLine($"winlayers: {counts} [WCL1909]");
        else
            output.Message(counts);
    }

    public sealed record LintedLayer(string Name, IReadOnlyList<Finding> Findings);

    public sealed record Finding(string Severity, string Code, string Rule, string? Entry, long? TarOffset, string Detail, string Remedy)
    {
        public static Finding Of(LayerFinding finding) => new(
            finding.Severity switch
            {
                RuleSeverity.Error => "error",
                RuleSeverity.Warning => "warning",
                _ => "note",
            },
            finding.Rule.Code, finding.Rule.Name, finding.EntryName, finding.TarOffset, finding.Detail.TrimEnd('.'),
                Remedies.Of(finding.Rule));
    }
}
