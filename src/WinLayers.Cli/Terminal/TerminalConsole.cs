using Spectre.Console;

namespace WinLayers.Cli.Terminal;

/// <summary>Consoles for what is drawn rather than written: tables on stdout, bars on stderr.</summary>
internal static class TerminalConsole
{
    private const int UsualWidth = 80;

    /// <summary>The terminal's width; the usual one where it does not say.</summary>
    public static int Width
    {
        get
        {
            try
            {
                return Console.WindowWidth is > 0 and int width ? width : UsualWidth;
            }
            catch (IOException)
            {
                return UsualWidth;
            }
        }
    }

    /// <summary>Whether text may be coloured: https://no-color.org, and terminals that cannot.</summary>
    public static bool AllowsColour =>
        string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) &&
        Environment.GetEnvironmentVariable("TERM") is not ("dumb" or "" or null) | OperatingSystem.IsWindows();

    /// <summary>A console that draws on a terminal through this writer.</summary>
    public static IAnsiConsole Create(TextWriter writer)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            ColorSystem = AllowsColour ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.Yes,
            Out = new AnsiConsoleOutput(writer),
        });
        console.Profile.Width = Width;
        console.Profile.Capabilities.Unicode = true;
        return console;
    }
}
