using WinLayers.Hosts;
using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Disk;
using WinLayers.Portable;
using WinLayers.Storage;
using WinLayers.Testing;
using WinLayers.Volumes;

namespace WinLayers.Tests.Storage;

public sealed class LayerStoreTests : IDisposable
{
    private readonly string _root = Path.Combine(Directory.CreateTempSubdirectory("winlayers-").FullName, "store");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_root)!, recursive: true);

    [Fact]
    public async Task Commit_FilledLayer_IsFoundByEveryStoreAtThatPlace()
    {
        LayerStore store = await LayerStore.OpenAsync(_root, Stop);
        LayerIdentity identity = TestLayers.Identity("a");
        StoredLayer made = await Make(store, identity);
        Assert.Equal(identity.ChainId.Hex, Path.GetFileName(made.Folder));
        StoredLayer found = (await LayerStore.OpenAsync(_root, Stop)).TryGetLayer(identity.ChainId)!;
        Assert.Equal(made, found);
        Assert.Equal(identity, found.Identity);
        Assert.Empty(PendingFolders());
        using PortableTree tree = PortableTree.Open(found.Folder);
        Assert.Equal("hello", tree.Text("Files\\a"));
    }

    [Fact]
    public async Task Exists_IsTrueOfStoresAlone()
    {
        Assert.False(LayerStore.Exists(_root));
        await BlobStore.CreateAsync(_root, Stop);
        Assert.False(LayerStore.Exists(_root));
        Assert.False(Directory.Exists(Path.Combine(_root, "layers")));
        await LayerStore.OpenAsync(_root, Stop);
        Assert.True(LayerStore.Exists(_root));
        Directory.Delete(Path.Combine(_root, "tmp"), recursive: true);
        Assert.True(LayerStore.Exists(_root));
    }

    [Fact]
    public async Task FindAround_TellsTheStoreOfALayer_WhateverWayItsFolderIsWritten()
    {
        StoredLayer layer = await Make(await LayerStore.OpenAsync(_root, Stop), TestLayers.Identity("a"));

        Assert.Equal(_root, LayerStore.FindAround(layer.Folder));
        Assert.Equal(_root, LayerStore.FindAround(layer.Folder + Path.DirectorySeparatorChar));
        Assert.Equal(_root, LayerStore.FindAround(Path.Combine(layer.Folder, "..", "another")));
        Assert.Null(LayerStore.FindAround(_root));
        Assert.Null(LayerStore.FindAround(Path.Combine(layer.Folder, "Files")));
        Assert.Null(LayerStore.FindAround(Path.GetPathRoot(_root)!));
    }

    [Fact]
    public async Task BeginWork_IsLeftAloneWhileItIsHeld_AndCollectedWhenItsMakerIsGone()
    {
        LayerStore store = await LayerStore.OpenAsync(_root, Stop);
        string left = Path.Combine(_root, "tmp", "work-of-a-killed-process");
        Directory.CreateDirectory(Path.Combine(left, "Files"));

        string folder;
        using (StoreWork work = await store.BeginWorkAsync(Stop))
        {
            folder = work.Folder;
            File.WriteAllText(Path.Combine(folder, "file"), "text");
            Assert.Empty(store.Collect(PortableLayerHost.Instance, dryRun: false, Stop).Items);
            Assert.True(File.Exists(Path.Combine(folder, "file")));
        }

        Assert.False(Directory.Exists(folder));
        CollectedItem collected = Assert.Single(store.Collect(PortableLayerHost.Instance, dryRun: false, Stop).Items);
        Assert.Equal((left, CollectedKind.Leftover, null), (collected.Path, collected.Kind, collected.Failure));
        Assert.False(Directory.Exists(left));
    }

    [Fact]
    public async Task Commit_LayerAboveOthers_NamesTheirFoldersForOtherTools()
    {
        LayerStore store = await LayerStore.OpenAsync(_root, Stop);
        List<StoredLayer> made = [];
        foreach (LayerIdentity identity in Chain("a", "b", "c"))
            made.Add(await Make(store, identity));
        Assert.Null(LayerChain.ReadFile(made[0].Folder));
        Assert.Equal([made[0].Folder], LayerChain.ReadFile(made[1].Folder));
        Assert.Equal([made[1].Folder, made[0].Folder], LayerChain.ReadFile(made[2].Folder));
        Assert.Empty((await store.VerifyAsync(PortableLayerHost.Instance, cancellationToken: Stop)).Problems);
    }

    [Fact]
    public async Task GetChain_RecordsThatFormACircle_AreAClearError()
    {
        LayerStore store = await LayerStore.OpenAsync(_root, Stop);
        LayerIdentity[] chain = Chain("a", "b");
        foreach (LayerIdentity identity in chain)
            await Make(store, identity);
        string record = Path.Combine(_root, "layers", chain[0].ChainId.Hex, "stored.json");
        await File.WriteAllTextAsync(record,
            (await File.ReadAllTextAsync(record, Stop))
            .Replace("\"host\"", $"\"parentChainId\": \"{chain[1].ChainId}\", \"host\"", StringComparison.Ordinal), Stop);

        StoreException circle = Assert.Throws<StoreException>(() => store.GetChain(chain[1].ChainId));

        Assert.Contains("below itself", circle.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commit_ChainThatTheHostWrote_StaysAsItIs()
    {
        LayerStore store = await LayerStore.OpenAsync(_root, Stop);
        LayerIdentity[] chain = Chain("a", "b");
        await Make(store, chain[0]);
        using PendingLayer pending = (await store.BeginLayerAsync(chain[1].ChainId, chain[1].ParentChainId, Stop))!;
        Fill(pending, chain[1]);
        LayerChain.Create(_root).WriteFile(pending.Folder);
        Assert.Equal([_root], LayerChain.ReadFile(pending.Commit("hcs", chain[1]).Folder));
    }

    [Fact]
    public async Task BeginLayer_NotCommitted_LeavesNothing()
    {
        LayerStore store = await LayerStore.OpenAsync(_root, Stop);
        LayerIdentity identity = TestLayers.Identity("a");
        using (PendingLayer pending = (await store.BeginLayerAsync(identity.ChainId, identity.ParentChainId, Stop))!)
        {
            Assert.Equal(identity.ChainId.Hex, Path.GetFileName(pending.Folder));
            File.WriteAllText(Path.Combine(pending.Folder, "half"), "made");
            Assert.Null(store.TryGetLayer(identity.ChainId));
            Assert.Single(PendingFolders());
        }

        Assert.Empty(PendingFolders());
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_root, "layers")));
        Assert.NotNull(await BeginAndGiveUp(store, identity));
    }

    [Fact]
    public async Task BeginLayer_CleanupThatFails_DoesNotHideTheFailureBeforeIt()
    {
        LayerStore store = await LayerStore.OpenAsync(_root, Stop);
        await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            using PendingLayer pending = (await store.BeginLayerAsync(TestLayers.Identity("a").ChainId, null, Stop))!;
            if (OperatingSystem.IsWindows())
                Assert.Skip("a folder that is in use cannot be removed there");
            Directory.Delete(Path.Combine(_root, "tmp"), recursive: true);
            throw new InvalidOperationException("the failure");
        });
    }

    [Fact]
    public async Task Collect_CopyOfALayerUnderAnotherName_IsNoLayer()
    {
        LayerStore store = await LayerStore.OpenAsync(_root, Stop);
        StoredLayer layer = await Make(store, TestLayers.Identity("a"));
        string copy = Directory.CreateDirectory(Path.Combine(_root, "layers", "copy")).FullName;
        File.Copy(Path.Combine(layer.Folder, "stored.json"), Path.Combine(copy, "stored.json"));
        Assert.Equal(layer, Assert.Single(store.ListLayers()));
        Assert.Equal(layer.Folder, Assert.Single(store.Collect(PortableLayerHost.Instance, dryRun: false, Stop).Items).Path);
        Assert.True(Directory.Exists(copy));
    }

    [Fact]
    public async Task BeginLayer_WhileAnotherMakesIt_WaitsAndFindsItMade()
    {
        LayerStore store = await LayerStore.OpenAsync(_root, Stop);
        LayerStore other = await LayerStore.OpenAsync(_root, Stop);
        LayerIdentity identity = TestLayers.Identity("a");
        PendingLayer first = (await store.BeginLayerAsync(identity.ChainId, identity.ParentChainId, Stop))!;
        Task<PendingLayer?> second = other.BeginLayerAsync(identity.ChainId, identity.ParentChainId, Stop);
        await Task.Delay(100, Stop);
        Assert.False(second.IsCompleted);
        Fill(first, identity);
        first.Commit("portable", identity);
        first.Dispose();
        Assert.Null(await second);
        Assert.NotNull(other.TryGetLayer(identity.ChainId));
    }

    [Fact]
    public async Task BeginLayer_ManyAtOnceThatGiveUpOrCommit_OneCommitsAndAllEnd()
    {
        LayerIdentity identity = TestLayers.Identity("a");
        int commits = 0, inside = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, 12), new ParallelOptions { MaxDegreeOfParallelism = 6, CancellationToken = Stop },
            async (number, token) =>
        {
            LayerStore store = await LayerStore.OpenAsync(_root, token);
            using PendingLayer? pending = await store.BeginLayerAsync(identity.ChainId, identity.ParentChainId, token);
            if (pending is null)
                return;
            Assert.Equal(1, Interlocked.Increment(ref inside));
            await Task.Delay(10, token);
            if (number % 3 == 2)
            {
                Fill(pending, identity);
                pending.Commit("portable", identity);
                Interlocked.Increment(ref commits);
            }

            Interlocked.Decrement(ref inside);
        });
        Assert.InRange(commits, 0, 1);
        Assert.Empty(PendingFolders());
    }

    [Fact]
    public async Task Collect_LayersOfForgottenImages_GoChildrenFirstAndOthersStay()
    {
        LayerStore store = await LayerStore.OpenAsync(_root, Stop);
        LayerIdentity[] a = Chain("base", "a1", "a2");
        LayerIdentity[] b = Chain("base", "b1");
        foreach (LayerIdentity identity in a.Concat(b).DistinctBy(identity => identity.ChainId))
            await Make(store, identity);
        Digest imageA = TestLayers.DigestOf("image a"), imageB = TestLayers.DigestOf("image b");
        await store.Blobs.PutAsync(imageA, "image a"u8.ToArray(), Stop);
        await store.Blobs.PutAsync(imageB, "image b"u8.ToArray(), Stop);
        await store.RecordImageAsync(new ImageRecord(imageA, ["a:1"], [.. a.Select(l => l.ChainId)]), Stop);
        await store.RecordImageAsync(new ImageRecord(imageB, ["b:1"], [b[^1].ChainId]), Stop);
        Assert.Empty(store.Collect(PortableLayerHost.Instance, dryRun: false, Stop).Items);
        Assert.True(await store.ForgetImageAsync(imageA, Stop));
        StoreCollection told = store.Collect(PortableLayerHost.Instance, dryRun: true, Stop);
        Assert.Equal(4, store.ListLayers().Count);
        StoreCollection done = store.Collect(PortableLayerHost.Instance, dryRun: false, Stop);
        Assert.Equal(told.Items, done.Items);
        Assert.Equal([a[2].ChainId.Hex, a[1].ChainId.Hex], done.Items.Select(item => Path.GetFileName(item.Path)));
        Assert.Equal(b.Select(l => l.ChainId.Hex).Order(), store.ListLayers().Select(l => l.Identity.ChainId.Hex).Order());
    }

    [Fact]
    public async Task Collect_WhileALeaseIsHeld_LeavesLayersAlone()
    {
        LayerStore store = await LayerStore.OpenAsync(_root, Stop);
        await Make(store, TestLayers.Identity("a"));
        using (await store.LeaseAsync(Stop))
        using (await store.LeaseAsync(Stop))
        {
            StoreCollection busy = store.Collect(PortableLayerHost.Instance, dryRun: false, Stop);
            Assert.True(busy.IsBusy);
            Assert.Empty(busy.Items);
        }

        Assert.Single(store.Collect(PortableLayerHost.Instance, dryRun: false, Stop).Items);
        Assert.Empty(store.ListLayers());
    }

    [Fact]
    public async Task Collect_WorkInFlight_GoesOnlyWhenNobodyHoldsIt()
    {
        LayerStore store = await LayerStore.OpenAsync(_root, Stop);
        using PendingLayer alive = (await store.BeginLayerAsync(TestLayers.Identity("alive").ChainId, null, Stop))!;
        string dead = Path.Combine(_root, "tmp", $"layer-{TestLayers.DigestOf("dead").Hex}-0123456789ab");
        Directory.CreateDirectory(Path.Combine(dead, "x", "y"));
        StoreCollection done = store.Collect(PortableLayerHost.Instance, dryRun: false, Stop);
        Assert.Equal(dead, Assert.Single(done.Items).Path);
        Assert.False(Directory.Exists(dead));
        Assert.True(Directory.Exists(alive.Folder));
    }

    [Fact]
    public async Task Collect_LayerThatCannotBeDestroyed_IsReportedAndTheRestGoes()
    {
        LayerStore store = await LayerStore.OpenAsync(_root, Stop);
        LayerIdentity[] chain = Chain("base", "top");
        LayerIdentity other = TestLayers.Identity("other");
        foreach (LayerIdentity identity in chain.Append(other))
            await Make(store, identity);
        StoreCollection done = store.Collect(new StubbornHost(chain[1].ChainId.Hex), dryRun: false, Stop);
        Assert.Equal("held", Assert.Single(done.Items, item => item.Failure is not null).Failure!.Message);
        Assert.Contains(done.Items, item => item.Path.EndsWith(other.ChainId.Hex, StringComparison.Ordinal) && item.Failure is null);
        Assert.NotNull(store.TryGetLayer(chain[0].ChainId));
        store.Collect(PortableLayerHost.Instance, dryRun: false, Stop);
        Assert.Empty(store.ListLayers());
        Assert.Empty(Directory.GetDirectories(Path.Combine(_root, "tmp"), "removed-*"));
    }

    [Fact]
    public async Task RecordImage_AgainUnderAnotherReference_KeepsBoth()
    {
        LayerStore store = await LayerStore.OpenAsync(_root, Stop);
        Digest manifest = TestLayers.DigestOf("m");
        await store.RecordImageAsync(new ImageRecord(manifest, ["a:1"], [TestLayers.DigestOf("c")]), Stop);
        await store.RecordImageAsync(new ImageRecord(manifest, ["b:2", "a:1"], [TestLayers.DigestOf("c")]), Stop);
        ImageRecord image = Assert.Single(store.ListImages());
        Assert.Equal(["a:1", "b:2"], image.References);
        Assert.Equal([TestLayers.DigestOf("c")], image.Chain);
    }

    [Theory]
    [InlineData("flip", LayerProblemKind.Changed, "Files\\a")]
    [InlineData("missing", LayerProblemKind.Missing, "Files\\a")]
    [InlineData("extra", LayerProblemKind.Extra, "Files\\extra")]
    [InlineData("unlink", LayerProblemKind.LinkBroken, "Files\\l")]
    [InlineData("kind", LayerProblemKind.WrongKind, "Files\\a")]
    [InlineData("stream", LayerProblemKind.Changed, "Files\\s:alt")]
    [InlineData("index", LayerProblemKind.Damaged, "layer.jsonl")]
    public async Task Verify_OneThingChanged_IsNamed(string change, LayerProblemKind kind, string path)
    {
        LayerStore store = await LayerStore.OpenAsync(_root, Stop);
        StoredLayer layer = await Make(store, TestLayers.Identity("a"));
        Assert.Empty((await store.VerifyAsync(PortableLayerHost.Instance, cancellationToken: Stop)).Problems);
        string file = Path.Combine(layer.Folder, "Files", "a");
        switch (change)
        {
            case "flip":
                File.WriteAllText(file, "hellp");
                break;
            case "missing":
                File.Delete(file);
                break;
            case "extra":
                File.WriteAllText(Path.Combine(layer.Folder, "Files", "extra"), "");
                break;
            case "unlink":
                File.Delete(Path.Combine(layer.Folder, "Files", "l"));
                File.WriteAllText(Path.Combine(layer.Folder, "Files", "l"), "hello");
                break;
            case "kind":
                File.Delete(file);
                Directory.CreateDirectory(file);
                break;
            case "stream":
                File.WriteAllText(Directory.GetFiles(Path.Combine(layer.Folder, "streams"))[0], "xxx");
                break;
            case "index":
                File.AppendAllText(Path.Combine(layer.Folder, "layer.jsonl"), "{}\n");
                break;
        }

        StoreVerification found = await store.VerifyAsync(PortableLayerHost.Instance, cancellationToken: Stop);
        Assert.Equal((kind, path), found.Problems.Select(problem => (problem.Kind, problem.Path)).First());
    }

    [Fact]
    public async Task Open_FolderThatMayNotBeWritten_SaysSo()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There permissions are other ones.");
        string root = _root;
        // Permissions do not bind root; the kernel's own file system does, and in some containers it is read-only besides.
        if (Environment.IsPrivilegedProcess)
            root = "/sys/winlayers-store";
        else if (!OperatingSystem.IsWindows())
            Directory.CreateDirectory(root, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        DiskException refused = await Assert.ThrowsAsync<DiskException>(() => LayerStore.OpenAsync(root, Stop));

        Assert.True(refused.Reason is DiskFailure.AccessDenied or DiskFailure.ReadOnly, refused.Message);
        Assert.NotNull(refused.Remedy);
    }

    private static async Task<StoredLayer> Make(LayerStore store, LayerIdentity identity)
    {
        using PendingLayer pending = (await store.BeginLayerAsync(identity.ChainId, identity.ParentChainId, Stop))!;
        Fill(pending, identity);
        return pending.Commit("portable", identity);
    }

    private static void Fill(PendingLayer pending, LayerIdentity identity)
    {
        using PortableVolume volume = new(pending.Folder, identity);
        volume.Dir("Files").File("Files\\a", "hello").Link("Files\\l", "Files\\a").File("Files\\s", "data", null, ("alt", "abc"))
            .File("Files\\z", "last");
        volume.Complete();
    }

    private static async Task<PendingLayer?> BeginAndGiveUp(LayerStore store, LayerIdentity identity)
    {
        PendingLayer? pending = await store.BeginLayerAsync(identity.ChainId, identity.ParentChainId, Stop);
        pending?.Dispose();
        return pending;
    }

    private static LayerIdentity[] Chain(params string[] names)
    {
        List<LayerIdentity> chain = [];
        foreach (string name in names)
        {
            LayerIdentity identity = TestLayers.Identity(name);
            chain.Add(identity with { ParentChainId = chain.Count == 0 ? null : chain[^1].ChainId });
        }

        return [.. chain];
    }

    private string[] PendingFolders() => Directory.GetDirectories(Path.Combine(_root, "tmp"), "layer-*");

    private sealed class StubbornHost(string heldLayer) : WinLayers.Hosts.ILayerHost
    {
        public string Name => "stubborn";

        public void Destroy(string layerFolder)
        {
            if (Path.GetFileName(layerFolder) == heldLayer)
                throw new IOException("held");
            PortableLayerHost.Instance.Destroy(layerFolder);
        }

        public bool BuildsInPlace => false;

        public Guid GetLayerId(string layerFolder) => throw new NotSupportedException();

        public ILayerTree OpenTree(string layerFolder) => throw new NotSupportedException();

        public ILayerVolume CreateVolume(string layerFolder, LayerIdentity identity) => throw new NotSupportedException();

        public ILayerVolume CreateStaging(ILayerVolume volume, string stagingFolder) => throw new NotSupportedException();

        public void Import(ILayerVolume volume, ILayerVolume staging, LayerChain parents) => throw new NotSupportedException();

        public void ProcessBaseLayer(string layerFolder) => throw new NotSupportedException();

        public void ProcessUtilityVm(string utilityVmFolder) => throw new NotSupportedException();

        public void SetIdentity(string layerFolder, LayerIdentity identity) => throw new NotSupportedException();

        public WinLayers.Hosts.LayerVerification Verify(
            string layerFolder, LayerChain parents, LayerIdentity? expected = null,
                IProgress<long>? progress = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public void Export(string layerFolder, Stream tar, string workFolder, LayerChain? parents = null) =>
            throw new NotSupportedException();
    }
}
