using WinLayers.Formats;
using WinLayers.Oci.Disk;

namespace WinLayers.Unpacking;

/// <summary>A repair in the making: what was not as it should be, and what became of it.</summary>
internal sealed class RepairItems
{
    private readonly List<RepairedItem> _all = [];

    public IReadOnlyList<RepairedItem> All => _all;

    public void Done(string where, RepairedKind kind) => _all.Add(new RepairedItem(where, kind, Failure: null));

    public void Fail(string where, RepairedKind kind, WinLayersException failure) => _all.Add(new RepairedItem(where, kind, failure));

    /// <summary>Does one step. What fails is told, and the others go on.</summary>
    public async Task<bool> TryAsync(string where, RepairedKind kind, Func<Task> step)
    {
        try
        {
            await step().ConfigureAwait(false);
            Done(where, kind);
            return true;
        }
        catch (WinLayersException failure) when (!DiskException.IsOutOfFiles(failure))
        {
            Fail(where, kind, failure);
        }
        catch (Exception failure) when (DiskException.IsDiskAtFault(failure))
        {
            Fail(where, kind, DiskException.FromIO(failure, "cannot repair", where));
        }

        return false;
    }
}
