using System.Text;
using WinLayers.Cli.Frame;

namespace WinLayers.Cli.Inputs;

/// <summary>
/// A password, from standard input or from a person; never from the command line, which other users of the machine can read.
/// </summary>
internal static class PasswordInput
{
    private const int MaxBytes = 64 << 10;

    /// <summary>All of standard input but the line's end behind it.</summary>
    public static async Task<string> ReadAsync(CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[MaxBytes + 1];
        Stream input = Console.OpenStandardInput();
        await using (input.ConfigureAwait(false))
        {
            int length =
                await input.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            string password = length > MaxBytes
                ? throw new UsageException($"--password-stdin: standard input has more than {MaxBytes} bytes")
                : Encoding.UTF8.GetString(bytes, 0, length).TrimEnd('\n').TrimEnd('\r');
            return password.Length > 0 ? password : throw new UsageException("--password-stdin: standard input holds no password");
        }
    }

    /// <summary>Asks on the terminal; what is typed is not shown.</summary>
    public static string Ask()
    {
        Console.Error.Write("Password: ");
        var password = new StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key != ConsoleKey.Backspace)
                password.Append(key.KeyChar);
            else if (password.Length > 0)
                password.Length--;
        }

        Console.Error.WriteLine();
        return password.ToString();
    }
}
