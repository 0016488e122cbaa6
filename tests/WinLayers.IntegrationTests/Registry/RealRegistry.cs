using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using WinLayers.IntegrationTests.Testing;
using WinLayers.Oci.References;

namespace WinLayers.IntegrationTests.Registry;

/// <summary>A docker-registry process on a loopback port, with its storage in a folder that goes with it.</summary>
internal sealed class RealRegistry : IAsyncDisposable
{
    public const string User = "alice";
    public const string Password = "correct-horse-battery";

    private readonly string _folder = Directory.CreateTempSubdirectory("winlayers-registry-").FullName;
    private Process? _process;

    public int Port { get; private set; }

    public string Host => $"127.0.0.1:{Port}";

    public string? CaFile { get; private set; }

    public RegistryReference Reference(string rest) => RegistryReference.Parse($"docker://{Host}/{rest}");

    public static async Task<RealRegistry> StartAsync(bool hasPassword = false, bool hasTls = false, bool deletes = false)
    {
        string program = ExternalTool.Require("docker-registry");
        var registry = new RealRegistry { Port = FreePort() };
        try
        {
            string configuration =
                $"version: 0.1\nlog: {{level: error}}\nstorage:\n  filesystem: {{rootdirectory: " +
                    $"{registry._folder}/data}}\nhttp:\n  addr: 127.0.0.1:{registry.Port}\n";

            // Without this the registry takes no manifest with urls.
            configuration =
                configuration.Replace("http:\n", "validation:\n  manifests:\n    urls: {allow: ['.*']}\nhttp:\n", StringComparison.Ordinal);
            if (deletes)
                configuration = configuration.Replace("/data}\n", "/data}\n  delete: {enabled: true}\n", StringComparison.Ordinal);
            if (hasTls)
            {
                var authority = new TestAuthority(registry._folder);
                registry.CaFile = authority.File;
                authority.WriteServer($"{registry._folder}/server.pem", $"{registry._folder}/server.key");
                configuration += $"  tls: {{certificate: {registry._folder}/server.pem, key: {registry._folder}/server.key}}\n";
            }

            if (hasPassword)
            {
                var htpasswd = new RealClient("htpasswd", "apache2-utils");
                await File.WriteAllTextAsync($"{registry._folder}/htpasswd", await htpasswd.RunAsync("-Bbn", User, Password));
                configuration += $"auth:\n  htpasswd: {{realm: test, path: {registry._folder}/htpasswd}}\n";
            }

            await File.WriteAllTextAsync($"{registry._folder}/config.yml", configuration);
            registry._process = Process.Start(new ProcessStartInfo(program, ["serve", $"{registry._folder}/config.yml"])
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
                UseShellExecute = false,
            })!;
            _ = registry._process.StandardError.ReadToEndAsync();
            _ = registry._process.StandardOutput.ReadToEndAsync();
            await registry.WaitAsync();
            return registry;
        }
        catch
        {
            await registry.DisposeAsync();
            throw;
        }
    }

    /// <summary>Loses every upload that has not ended, as a registry does that is restarted or cleans up.</summary>
    public void ForgetUploads()
    {
        foreach (string uploads in Directory.GetDirectories($"{_folder}/data", "_uploads", SearchOption.AllDirectories))
            Directory.Delete(uploads, recursive: true);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            if (!_process.HasExited)
                _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
            _process = null;
        }

        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task WaitAsync()
    {
        // The clock counts for nothing: a busy machine takes its time.
        for (int i = 0; i < 6000 && _process is { HasExited: false }; i++)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, Port, TestContext.Current.CancellationToken);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }
        }

        Assert.Fail("docker-registry did not start.");
    }
}
