using System.Text;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Transport;

namespace WinLayers.Fuzzing.Layers;

/// <summary>The plan beside a transport folder. What is taken stays in the layer, and is the same when written and read again.</summary>
internal sealed class PlanTarget : FuzzTarget
{
    public override string Name => "plan";

    public override IReadOnlyList<byte[]> Seeds { get; } = [Sample(), Encoding.UTF8.GetBytes("{}")];

    public override IReadOnlyList<byte[]> Words { get; } =
        [.. new[] { "\"removals\":[", "\"links\":[", "\"directoryTimes\":[", "null", "\"\"", "\"Files\"", "\"Hives\\\\x\"", "..", "\\\\",
            "\"from\":\"layer\"", "-1", "4294967296", "\\ud800", "{}", "[]" }.Select(Encoding.UTF8.GetBytes)];

    public override void Run(ReadOnlySpan<byte> input)
    {
        LayerPlan plan = LayerPlan.Read(new MemoryStream(input.ToArray()));
        LayerPath files = LayerPath.FromValue("Files"), utilityVm = LayerPath.FromValue("UtilityVM\\Files");
        Require(plan.Removals.All(path => path.IsBelow(files)), "removals are below Files");
        Require(plan.Links.All(
            link => (link.Path.IsBelow(files) && link.Target.IsBelow(files))
            || (link.Path.IsBelow(utilityVm) && link.Target.IsBelow(utilityVm))), "links stay in their root");
        Require(plan.Links.All(link => link.From is not ""), "a link's parent has a name");
        Require(plan.DirectoryTimes.All(
            times => !times.Path.IsRoot
            && times.Times is { Creation.Ticks: >= 0, Access.Ticks: >= 0, Write.Ticks: >= 0, Change.Ticks: >= 0 }),
            "times are ones that NTFS has");
        byte[] written = Write(plan);
        Require(Write(LayerPlan.Read(new MemoryStream(written))).AsSpan().SequenceEqual(written),
            "a plan is the same when written and read again");
    }

    private static byte[] Write(LayerPlan plan)
    {
        using var bytes = new MemoryStream();
        plan.Write(bytes);
        return bytes.ToArray();
    }

    private static byte[] Sample() => Write(new LayerPlan
    {
        Removals = [LayerPath.FromValue("Files\\gone"), LayerPath.FromValue("Files\\d\\gone")],
        Links =
        [
            new PlannedLink(LayerPath.FromValue("Files\\l"), LayerPath.FromValue("Files\\a"), From: null),
            new PlannedLink(LayerPath.FromValue("UtilityVM\\Files\\l"), LayerPath.FromValue("UtilityVM\\Files\\a"), "/layers/base"),
        ],
        DirectoryTimes =
            [new PlannedTimes(LayerPath.FromValue("Hives"), FileAttributes.Directory, FileTimes.All(new FileTime(132444736000000001)))],
    });
}
