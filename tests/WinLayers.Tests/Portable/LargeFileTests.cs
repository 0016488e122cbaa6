using WinLayers.Portable;

namespace WinLayers.Tests.Portable;

public sealed class LargeFileTests
{
    // The worker ends while the reader is still inside Finish, in one of some ten thousand runs: nothing may be taken away under it.
    [Fact]
    public async Task TheWorkerIsDone_WhileTheReaderStillFinishes_AndNobodyMinds()
    {
        for (int run = 0; run < 5_000; run++)
        {
            LargeFile large = new();
            Task<int> worker = Task.Run(() =>
            {
                int total = 0;
                while (large.TryTake(out _, out int length))
                    total += length;
                return total;
            }, TestContext.Current.CancellationToken);
            large.Add([], 3);
            large.Add([], 4);
            large.Finish(isWhole: true);

            Assert.Equal(7, await worker);
            Assert.True(large.IsWhole);
        }
    }
}
