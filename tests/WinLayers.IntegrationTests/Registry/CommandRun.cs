using WinLayers.IntegrationTests.Cli;

namespace WinLayers.IntegrationTests.Registry;

/// <summary>Runs the command with a store and a home of its own, so that nothing of whoever runs the tests is found there.</summary>
internal sealed class CommandRun : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, string> _environment;

    public CommandRun() => _environment = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["WINLAYERS_STORE"] = _folder["store"],
        ["HOME"] = _folder["home"],
        ["DOCKER_CONFIG"] = _folder["home"],
        ["XDG_CONFIG_HOME"] = _folder["home"],
        ["XDG_RUNTIME_DIR"] = _folder["home"],
    };

    public string Store => _folder["store"];

    public string this[string name] => _folder[name];

    public void Dispose() => _folder.Dispose();

    public Task<CommandResult> RunAsync(params string[] arguments) => WinLayersCommand.RunAsync(arguments, _folder.Path, _environment);

    public Task<CommandResult> RunWithAsync(Dictionary<string, string> environment, params string[] arguments)
    {
        foreach ((string name, string value) in _environment)
            environment.TryAdd(name, value);
        return WinLayersCommand.RunAsync(arguments, _folder.Path, environment);
    }

    /// <summary>Runs the command with this on its standard input.</summary>
    public Task<CommandResult> RunWithInputAsync(string input, params string[] arguments) =>
        WinLayersCommand.RunAsync(arguments, _folder.Path, _environment, input);

    /// <summary>Starts a run that the test looks at while it works.</summary>
    public RunningCommand Start(params string[] arguments) => new(WinLayersCommand.Start(arguments, _folder.Path, _environment));

    /// <summary>Removes the store: the next run finds nothing.</summary>
    public void Forget()
    {
        if (Directory.Exists(Store))
            Directory.Delete(Store, recursive: true);
    }
}
