using System.Security.Cryptography;
using WinLayers.Unpacking.Pipeline;

namespace WinLayers.Tests.Unpacking;

public sealed class PipelineStageTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(256 * 1024)]
    [InlineData((256 * 1024) + 1)]
    [InlineData(20_000_003)]
    public void Stages_PassEveryByteInOrder_AndHashIt(int length)
    {
        byte[] content = RandomNumberGenerator.GetBytes(length);
        using var first = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var second = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        PipelineStage read = PipelineStage.Read("read", new MemoryStream(content), first, TestContext.Current.CancellationToken);
        PipelineStage hash = PipelineStage.Hash("hash", read, second, TestContext.Current.CancellationToken);

        var arrived = new MemoryStream();
        using (var stream = new QueueStream(hash.Output))
            stream.CopyTo(arrived, 7_777);
        read.Join();
        hash.Join();

        Assert.True(content.AsSpan().SequenceEqual(arrived.ToArray()));
        byte[] expected = SHA256.HashData(content);
        Assert.Equal(expected, first.GetHashAndReset());
        Assert.Equal(expected, second.GetHashAndReset());
        Assert.Equal(length, read.Timing.Bytes);
    }

    [Fact]
    public void AFailingInput_ReachesTheConsumer_AfterTheBytesBeforeIt()
    {
        PipelineStage read = PipelineStage.Read(
            "read", new FailingStream(600_000), hash: null, TestContext.Current.CancellationToken);
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        PipelineStage hash = PipelineStage.Hash("hash", read, sha, TestContext.Current.CancellationToken);
        using var stream = new QueueStream(hash.Output);

        var buffer = new byte[512 * 1024];
        stream.ReadExactly(buffer);
        IOException failure = Assert.Throws<IOException>(() => stream.ReadExactly(new byte[200_000]));

        Assert.Equal("cable pulled", failure.Message);
        read.Join();
        hash.Join();
    }

    [Fact]
    public void AConsumerThatGivesUp_StopsEveryStage()
    {
        var endless = new FailingStream(long.MaxValue);
        PipelineStage read = PipelineStage.Read("read", endless, hash: null, TestContext.Current.CancellationToken);
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        PipelineStage hash = PipelineStage.Hash("hash", read, sha, TestContext.Current.CancellationToken);
        using (var stream = new QueueStream(hash.Output))
            Assert.NotEqual(-1, stream.ReadByte());

        read.Join();
        hash.Join();
        Assert.True(endless.Given < 64 << 20, $"The producer went on for {endless.Given} bytes.");
    }

    [Fact]
    public void ACancelledToken_SurfacesFromTheStream()
    {
        using var source = new CancellationTokenSource();
        PipelineStage read = PipelineStage.Read("read", new FailingStream(long.MaxValue), hash: null, source.Token);
        using var stream = new QueueStream(read.Output);
        Assert.NotEqual(-1, stream.ReadByte());
        source.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() => stream.CopyTo(Stream.Null));
        read.Join();
    }

    private sealed class FailingStream(long goodBytes) : MemoryStream
    {
        public long Given { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            if (Given >= goodBytes)
                throw new IOException("cable pulled");
            int count = (int)Math.Min(buffer.Length, goodBytes - Given);
            buffer[..count].Fill(7);
            Given += count;
            return count;
        }
    }
}
