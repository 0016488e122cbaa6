using System.Text.Json;
using WinLayers.Formats;
using WinLayers.Windows.Errors;
using WinLayers.WineTests;

// Exit code 0: the scenario ran; 1: it failed, and how is in the JSON line; 2: there is no such scenario.
try
{
    Dictionary<string, object?> facts = await Scenarios.RunAsync(args[0], args[1..]);
    Print(facts);
    return 0;
}
catch (WinLayersException e)
{
    Dictionary<string, object?> facts = new() { ["code"] = e.Code, ["message"] = e.Message, ["remedy"] = e.Remedy };
    if (e is HostCallException call)
    {
        facts["call"] = call.Call;
        facts["hresult"] = $"0x{call.ErrorCode:X8}";
        facts["undoFailures"] = call.UndoFailures.Count;
    }

    if (e is LayerRefusedException refused)
        facts["rule"] = refused.Rule.Name;
    Print(facts);
    return 1;
}
catch (Exception e) when (e is not OutOfMemoryException)
{
    Print(new() { ["exception"] = e.GetType().Name, ["message"] = e.ToString() });
    return e is ScenarioMissingException ? 2 : 1;
}

static void Print(Dictionary<string, object?> facts) => Console.WriteLine(JsonSerializer.Serialize(facts));
