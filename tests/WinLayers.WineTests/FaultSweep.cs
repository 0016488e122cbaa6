using System.Globalization;
using System.Runtime.InteropServices;
using WinLayers.Windows;
using WinLayers.Windows.Errors;

namespace WinLayers.WineTests;

/// <summary>
/// Runs a sequence again and again, each time with its next native call failing, until none is left to fail; so a call that is new is
/// covered by itself.
/// </summary>
internal sealed class FaultSweep(FaultSequence sequence, string folder)
{
    private const int AccessDenied = unchecked((int)0x80070005);

    // What outlives its file in the stand-ins, and must not.
    private static readonly string[] States = ["*.active", "*.prepared", "*.attached", "*.filtered", "*.overlaid"];

    private static readonly nint StandIn = NativeLibrary.Load(Environment.GetEnvironmentVariable("STANDIN_DLL")!);
    private static readonly FailedFunction Failed = Export<FailedFunction>("standin_failed");
    private static readonly OpenFilesFunction OpenFiles = Export<OpenFilesFunction>("standin_open_files");

    private readonly List<string> _problems = [];

    private delegate nint FailedFunction();

    private delegate int OpenFilesFunction([MarshalAs(UnmanagedType.LPWStr)] string folder);

    /// <summary>The functions that failed, in order of their calls, and what was not as it should be.</summary>
    public async Task<Dictionary<string, object?>> RunAsync()
    {
        List<string> failed = [];
        while (await RunAsync(failed.Count + 1) is { } function)
            failed.Add(function);
        return new() { ["failed"] = failed, ["problems"] = _problems };
    }

    /// <summary>Fails one call; null where the sequence has no so many.</summary>
    private async Task<string?> RunAsync(int call)
    {
        string own = Path.Join(folder, $"{call}");
        Directory.CreateDirectory(own);
        Arm($"prepare {call}", fail: null);
        await sequence.Prepare(own);
        string before = Describe(own);

        Arm($"{call}", call);
        Exception? outcome = await CatchAsync(() => sequence.Act(own));
        string function = Marshal.PtrToStringAnsi(Failed()) ?? "";
        if (function.Length == 0)
        {
            if (outcome is not null)
                _problems.Add($"{call}: nothing was to fail: {outcome}");
            return null;
        }

        Check($"{call} {function}", outcome, function);
        if (OpenFiles(folder) > 0)
            _problems.Add($"{call} {function}: files stay open");

        // Nothing fails any more; but the state may be one that only a failure explains.
        Arm($"recover {call}", fail: 0);
        if (sequence.Recover is { } recover)
            await CatchAsync(() => recover(own));
        string[] left = sequence.FindLeft is { } find ? [.. find(own)] : Describe(own) == before ? [] : [$"{Describe(own)}, not {before}"];
        if (!sequence.Cleaning.Contains(function))
            _problems.AddRange(left.Select(what => $"{call} {function}: left is {what}, after {outcome?.GetType().Name}"));
        if (sequence.FindLeft is not null && !sequence.Cleaning.Contains(function))
            _problems.AddRange(StatesNow().Select(what => $"{call} {function}: left is the state {what}"));
        await CatchAsync(() => RemoveAsync(own));
        foreach (string state in StatesNow().ToList())
            File.Delete(Path.Join(Environment.GetEnvironmentVariable("STANDIN_STORE"), state));
        return function;
    }

    private void Check(string what, Exception? outcome, string function)
    {
        if (outcome is null && sequence.MayStillSucceed)
            return;
        if (outcome is not HostCallException failure)
            _problems.Add($"{what}: no failure of a call but {outcome?.ToString() ?? "success"}");
        else if (!failure.Call.StartsWith(function, StringComparison.Ordinal) || failure.ErrorCode != AccessDenied)
            _problems.Add($"{what}: told as {failure.Call} 0x{failure.ErrorCode:X8}");
        else if (failure.UndoFailures.Count > 0 && sequence.Recover is null && !sequence.Cleaning.Contains(function))
            _problems.Add($"{what}: undoing failed too: {failure.UndoFailures[0]}");
    }

    private static string Describe(string own) =>
        string.Join('|',
            Directory.EnumerateFileSystemEntries(own, "*", SearchOption.AllDirectories).Concat(StatesNow()).Order(StringComparer.Ordinal));

    private static IEnumerable<string> StatesNow()
    {
        string store = Environment.GetEnvironmentVariable("STANDIN_STORE")!;
        return States.SelectMany(state => Directory.EnumerateFiles(store, state)).Select(path => Path.GetFileName(path));
    }

    private static void Arm(string run, int? fail)
    {
        Environment.SetEnvironmentVariable("STANDIN_RUN", run);
        Environment.SetEnvironmentVariable("STANDIN_FAIL_CALL", fail?.ToString(CultureInfo.InvariantCulture));
    }

    private static async Task<Exception?> CatchAsync(Func<Task> act)
    {
        try
        {
            await act();
            return null;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return e;
        }
    }

    // What is left mounted on purpose goes first: a disk in use cannot be deleted.
    private static async Task RemoveAsync(string own)
    {
        if (File.Exists(Path.Join(own, "scratch", "sandbox.vhdx")))
            await new HcsLayerHost().OpenScratch(Path.Join(own, "scratch")).RemoveAsync(default);
        Directory.Delete(own, recursive: true);
    }

    private static T Export<T>(string name)
        where T : Delegate => Marshal.GetDelegateForFunctionPointer<T>(NativeLibrary.GetExport(StandIn, name));
}
