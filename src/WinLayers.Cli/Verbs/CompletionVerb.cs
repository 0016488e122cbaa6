using System.CommandLine;
using WinLayers.Cli.Frame;

namespace WinLayers.Cli.Verbs;

/// <summary>Prints the script that teaches a shell to complete the command.</summary>
internal sealed class CompletionVerb : Verb
{
    private const string Bash =
        """
        _winlayers() {
          local IFS=$'\n' word="${COMP_LINE:0:COMP_POINT}"
          COMPREPLY=($(winlayers complete "$COMP_POINT" "$COMP_LINE" 2>/dev/null))
          # What the shell takes for the word starts after the last colon; so must the answers.
          word="${word##* }"
          if [[ $word == *:* && $COMP_WORDBREAKS == *:* ]]; then
            COMPREPLY=("${COMPREPLY[@]#"${word%"${word##*:}"}"}")
          fi
          # A transport and a folder go on.
          if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[:/] ]]; then compopt -o nospace 2>/dev/null; fi
        }
        complete -o default -F _winlayers winlayers
        """;

    private const string Zsh =
        """
        #compdef winlayers
        _winlayers() {
          local -a answers
          answers=("${(@f)$(winlayers complete "$CURSOR" "$BUFFER" 2>/dev/null)}")
          if [[ -n "$answers" ]]; then compadd -a answers; else _files; fi
        }
        compdef _winlayers winlayers
        """;

    private const string Fish =
        """
        complete -c winlayers -a '(winlayers complete (commandline -C) (commandline -p) 2>/dev/null)'
        """;

    private const string PowerShell =
        """
        Register-ArgumentCompleter -Native -CommandName winlayers -ScriptBlock {
          param($word, $line, $position)
          winlayers complete $position "$line" 2>$null |
            ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
        }
        """;

    private readonly Argument<string> _shell;

    public CompletionVerb()
        : base(
            "completion", "Print the script that makes a shell complete this command",
            "source <(winlayers completion bash)",
            "winlayers completion fish > ~/.config/fish/completions/winlayers.fish",
            "winlayers completion pwsh | Out-String | Invoke-Expression")
    {
        _shell = AddArgument("SHELL", "bash, zsh, fish or pwsh");
        _shell.AcceptOnlyFromAmong("bash", "zsh", "fish", "pwsh");
    }

    public override Task<int> RunAsync(Invocation call)
    {
        call.Output.Line(call.Get(_shell) switch
        {
            "bash" => Bash,
            "zsh" => Zsh,
            "fish" => Fish,
            _ => PowerShell,
        });
        return Task.FromResult(ExitCode.Done);
    }
}
