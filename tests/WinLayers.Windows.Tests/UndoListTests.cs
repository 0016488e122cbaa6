using WinLayers.Formats;
using WinLayers.Windows.Errors;
using WinLayers.Windows.Scratch;
using WinLayers.Writing;

namespace WinLayers.Windows.Tests;

public sealed class UndoListTests
{
    private static readonly IOException Stuck = new("the folder stays");

    [Fact]
    public void Run_TriesEveryStep_LastFirst_WhateverFails()
    {
        List<int> done = [];
        UndoList undo = new();
        undo.Add(() => done.Add(1));
        undo.Add(() => throw new InvalidOperationException("two"));
        undo.Add(() => throw Stuck);
        undo.Add(() => done.Add(4));

        IReadOnlyList<Exception> failures = undo.Run();

        Assert.Equal([4, 1], done);
        Assert.Equal(["the folder stays", "two"], failures.Select(failure => failure.Message));
    }

    [Fact]
    public void Throw_NothingElseFailed_IsTheFailureItself()
    {
        LayerRefusedException failure = new(LayerRules.LinkToNothing, "nothing there");

        Assert.Same(failure, Assert.Throws<LayerRefusedException>(() => UndoList.Throw(failure, [])));
    }

    [Fact]
    public void Throw_ARefusedLayerThatCouldNotBeRemoved_TellsOfBoth()
    {
        LayerRefusedException failure = new(LayerRules.LinkToNothing, "nothing there");

        UndoFailedException e = Assert.Throws<UndoFailedException>(() => UndoList.Throw(failure, [Stuck]));

        Assert.Equal("WCL6012", e.Code);
        Assert.Same(failure, e.InnerException);
        Assert.Equal([Stuck], e.UndoFailures);
        Assert.Equal(failure.Remedy, e.Remedy);
        Assert.Contains("nothing there", e.Message, StringComparison.Ordinal);
        Assert.Contains(failure.Code, e.Message, StringComparison.Ordinal);
        Assert.Contains("the folder stays", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Throw_AFullDiskThatLeavesAFolder_TellsOfBoth()
    {
        UndoFailedException e = Assert.Throws<UndoFailedException>(() => UndoList.Throw(new IOException("no space"), [Stuck]));

        Assert.Contains("no space; undoing it failed too: the folder stays", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Throw_ACallThatFailed_StaysOne()
    {
        HostCallException e =
            Assert.Throws<HostCallException>(
            () => UndoList.Throw(new HostCallException("ImportLayer", unchecked((int)0x80070005)), [Stuck]));

        Assert.Equal("ImportLayer", e.Call);
        Assert.Equal([Stuck], e.UndoFailures);
    }
}
