using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using WinLayers.Formats.Text;
using WinLayers.Oci.Documents;

namespace WinLayers.Oci.Registries.Auth;

/// <summary>What a helper gave.</summary>
internal sealed record CredentialHelperAnswer(RegistryCredential? Credential, string Note, bool IsBroken = false);

/// <summary>
/// Runs <c>docker-credential-NAME get</c>, <c>store</c> or <c>erase</c>: the registry's name goes in on standard input, JSON with the user
/// and the secret comes out, or the other way round.
/// The name is checked and looked up in
/// the absolute folders of PATH, so that a configuration file cannot name a path and the current folder is never searched.
/// </summary>
internal sealed class CredentialHelper(RegistryOptions options)
{
    private const int MaxBytes = 64 << 10;
    private const int MaxName = 64;
    private const string TokenUser = "<token>";
    private const string NotFound = "credentials not found";

    public async Task<CredentialHelperAnswer> GetAsync(string name, string registry, CancellationToken cancellationToken)
    {
        (string? problem, int exitCode, byte[] output) =
            await InvokeAsync(name, "get", KeyOf(registry), cancellationToken).ConfigureAwait(false);
        return problem is null ? Read(ProgramOf(name), exitCode, output)
            : new CredentialHelperAnswer(Credential: null, problem, IsBroken: true);
    }

    /// <summary>Hands a password over; gives what went wrong, without the secret.</summary>
    public async Task<string?> StoreAsync(string name, string registry, RegistryCredential credential, CancellationToken cancellationToken)
    {
        byte[] pair = DocumentWriter.WriteObject(writer =>
        {
            writer.WriteString("ServerURL", KeyOf(registry));
            writer.WriteString("Username", credential.User);
            writer.WriteString("Secret", credential.Secret);
        });
        (string? problem, int exitCode, _) =
            await InvokeAsync(name, "store", Encoding.UTF8.GetString(pair), cancellationToken).ConfigureAwait(false);
        return problem ?? (exitCode == 0 ? null : $"{ProgramOf(name)} failed with exit code {exitCode}");
    }

    /// <summary>Has a password forgotten; gives what went wrong. What it does not have is forgotten already.</summary>
    public async Task<string?> EraseAsync(string name, string registry, CancellationToken cancellationToken)
    {
        (string? problem, int exitCode, byte[] output) =
            await InvokeAsync(name, "erase", KeyOf(registry), cancellationToken).ConfigureAwait(false);
        bool isDone = exitCode == 0 || SaysNotFound(output);
        return problem ?? (isDone ? null : $"{ProgramOf(name)} failed with exit code {exitCode}");
    }

    /// <summary>The program of a helper.</summary>
    public static string ProgramOf(string name) => "docker-credential-" + name;

    private static string KeyOf(string registry) => registry == RegistryNames.DockerHub ? RegistryNames.DockerHubKey : registry;

    private static bool SaysNotFound(byte[] output) =>
        Encoding.UTF8.GetString(output).Contains(NotFound, StringComparison.OrdinalIgnoreCase);

    private async Task<(string? Problem, int ExitCode, byte[] Output)> InvokeAsync(
        string name, string operation, string input, CancellationToken cancellationToken)
    {
        bool safe = name.Length is > 0 and <= MaxName && char.IsAsciiLetterOrDigit(name[0])
            && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
        if (!safe)
            return ("the helper's name is not letters, digits, '-', '_' and '.'", 0, []);
        string program = ProgramOf(name);
        if (Find(program) is not { } path)
            return ($"{program} is not on PATH", 0, []);
        using var timer = new CancellationTokenSource(options.HelperTimeout, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            (int exitCode, byte[]? output) = await RunAsync(path, operation, input, either.Token).ConfigureAwait(false);
            return output is null ? ($"{program} writes more than {MaxBytes} bytes", 0, []) : (null, exitCode, output);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ($"{program} did not answer within {options.HelperTimeout.TotalSeconds:0.#} s", 0, []);
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            return ($"{program} could not be run ({e.GetType().Name})", 0, []);
        }
    }

    private string? Find(string program)
    {
        string[] suffixes = OperatingSystem.IsWindows() ? [".exe", ".cmd"] : [""];
        foreach (string folder in (options.EnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            foreach (string suffix in suffixes)
            {
                string path = Path.Combine(folder, program + suffix);
                if (Path.IsPathFullyQualified(folder) && File.Exists(path))
                    return path;
            }
        }

        return null;
    }

    private static async Task<(int ExitCode, byte[]? Output)> RunAsync(
        string path, string operation, string input, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(path)
        {
            ArgumentList = { operation },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        using Process process = Process.Start(start) ?? throw new IOException("The process did not start.");
        try
        {
            // Standard error is drained and dropped: what helpers say there may hold what must not be shown.
            Task errors = process.StandardError.BaseStream.CopyToAsync(Stream.Null, cancellationToken);
            Task<byte[]?> output = CappedAsync(process.StandardOutput.BaseStream, cancellationToken);
            try
            {
                await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken).ConfigureAwait(false);
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // A helper may answer without reading its input; its output and exit code decide.
            }

            byte[]? bytes = await output.ConfigureAwait(false);
            if (bytes is null)
                return (-1, null);
            await errors.ConfigureAwait(false);
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            return (process.ExitCode, bytes);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    private static async Task<byte[]?> CappedAsync(Stream stream, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[MaxBytes + 1];
        int length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken)
            .ConfigureAwait(false);
        return length > MaxBytes ? null : buffer[..length];
    }

    internal static CredentialHelperAnswer Read(string program, int exitCode, byte[] output)
    {
        if (exitCode != 0)
        {
            bool isMissing = SaysNotFound(output);
            return new CredentialHelperAnswer(Credential: null,
                isMissing ? $"{program} has none for this registry" : $"{program} failed with exit code {exitCode}", !isMissing);
        }

        try
        {
            using var document = StrictJson.Parse(output);
            JsonElement root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Object
                && root.TryGetProperty("Username", out JsonElement user) && user.ValueKind == JsonValueKind.String
                && root.TryGetProperty("Secret", out JsonElement secret) && secret.ValueKind == JsonValueKind.String)
            {
                string name = user.GetString()!;
                if (name.Length == 0 && secret.GetString()!.Length == 0)
                    return new CredentialHelperAnswer(Credential: null, $"{program} has none for this registry");
                return name == TokenUser
                    ? new CredentialHelperAnswer(RegistryCredential.FromIdentityToken(secret.GetString()!),
                        $"an identity token from {program}")
                    : new CredentialHelperAnswer(RegistryCredential.FromPassword(name, secret.GetString()!),
                        $"a password of '{SafeText.Excerpt(name)}' from {program}");
            }
        }
        catch (JsonException)
        {
            // Falls through: the parser's message may quote the secret.
        }

        return new CredentialHelperAnswer(Credential: null, $"{program} does not answer with Username and Secret", IsBroken: true);
    }
}
