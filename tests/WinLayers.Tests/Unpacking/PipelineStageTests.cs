using System.Security.Cryptography;
using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Unpacking.Pipeline;

namespace WinLayers.Tests.Unpacking;

public sealed class PipelineStageTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static Action<Digest, long> Check(Digest expected) => new DiffIdCheck(expected, ParentChainId: null, expected).Require;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(256 * 1024)]
    [InlineData((256 * 1024) + 1)]
    [InlineData(20_000_003)]
    public void Stages_PassEveryByteInOrder_AndVerifyIt(int length)
    {
        byte[] content = RandomNumberGenerator.GetBytes(length);
        Digest digest = ContentHash.Of(content);
        PipelineStage read = PipelineStage.Read("read", () => new MemoryStream(content), before: null, Cancellation);
        PipelineStage verify = PipelineStage.Verify("verify", read, "sha256", Check(digest), Cancellation);

        var arrived = new MemoryStream();
        using (var stream = new QueueStream(verify.Output))
            stream.CopyTo(arrived, 7_777);
        read.Join();
        verify.Join();

        Assert.True(content.AsSpan().SequenceEqual(arrived.ToArray()));
        Assert.Equal(length, read.Timing.Bytes);
        Assert.Equal(length, verify.Timing.Bytes);
    }

    [Fact]
    public void AnotherDigest_IsRefusedAtTheEnd()
    {
        byte[] content = RandomNumberGenerator.GetBytes(700_000);
        PipelineStage read = PipelineStage.Read("read", () => new MemoryStream(content), before: null, Cancellation);
        PipelineStage verify = PipelineStage.Verify("verify", read, "sha256", Check(ContentHash.Of("other"u8)), Cancellation);
        using var stream = new QueueStream(verify.Output);

        stream.ReadExactly(new byte[content.Length]);
        DigestMismatchException refused = Assert.Throws<DigestMismatchException>(() => stream.ReadByte());

        Assert.Equal(ContentHash.Of(content), refused.Actual);
    }

    [Fact]
    public void AFailingInput_ReachesTheConsumer_AfterTheBytesBeforeIt()
    {
        PipelineStage read = PipelineStage.Read(
            "read", () => new FailingStream(600_000), before: null, Cancellation);
        PipelineStage hash = PipelineStage.Verify("verify", read, "sha256", Check(ContentHash.Of("other"u8)), Cancellation);
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
        PipelineStage read = PipelineStage.Read("read", () => endless, before: null, Cancellation);
        PipelineStage hash = PipelineStage.Verify("verify", read, "sha256", Check(ContentHash.Of("other"u8)), Cancellation);
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
        PipelineStage read = PipelineStage.Read("read", () => new FailingStream(long.MaxValue), before: null, source.Token);
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
