using WinLayers.Storage;

namespace WinLayers.Tests.Storage;

/// <summary>A lock that is removed by who held it while others are opening its file.</summary>
public sealed class StoreLockTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("winlayers-lock-").FullName;

    private string LockFile => Path.Combine(_folder, "lock");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void TryTake_HeldByAnother_IsNull()
    {
        using StoreLock held = StoreLock.TryTake(LockFile)!;

        Assert.Null(StoreLock.TryTake(LockFile));
        Assert.Null(StoreLock.TryTake(LockFile, shared: true));
    }

    // Whoever has opened the file before it was removed or renamed, and locks it afterwards, holds nothing: others lock the new file.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task TryTake_FileRemovedOrRenamedMeanwhile_NeverHasTwoHolders(bool isRemoved)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There nobody removes a file that another has open without sharing.");
        const int threads = 8, takenByEach = 1000;
        int holders = 0, together = 0;
        void Contend()
        {
            for (int taken = 0; taken < takenByEach;)
            {
                if (StoreLock.TryTake(LockFile) is not { } held)
                {
                    Thread.Yield();
                    continue;
                }

                taken++;
                if (Interlocked.Increment(ref holders) != 1)
                    Interlocked.Increment(ref together);
                Thread.Yield();
                Interlocked.Decrement(ref holders);
                if (isRemoved)
                {
                    held.Remove();
                }
                else
                {
                    File.Move(LockFile, LockFile + ".done", overwrite: true);
                    held.Dispose();
                }
            }
        }

        await Task.WhenAll(Enumerable.Range(0, threads).Select(
            _ => Task.Factory.StartNew(Contend, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

        Assert.Equal(0, together);
    }
}
