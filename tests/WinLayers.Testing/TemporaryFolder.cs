namespace WinLayers.Testing;

/// <summary>A folder for one test, gone after it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    internal string FolderPath { get; } = Directory.CreateTempSubdirectory("winlayers-test-").FullName;

    internal string this[string name] => Path.Combine(FolderPath, name);

    public void Dispose() => Directory.Delete(FolderPath, recursive: true);
}
