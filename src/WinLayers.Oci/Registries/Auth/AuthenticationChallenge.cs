using System.Text;

namespace WinLayers.Oci.Registries.Auth;

/// <summary>One challenge of a WWW-Authenticate header (RFC 9110, section 11.6.1).</summary>
internal sealed record AuthenticationChallenge(string Scheme, IReadOnlyDictionary<string, string> Parameters)
{
    private const int MaxHeader = 8 << 10;

    public string? this[string name] => Parameters.GetValueOrDefault(name);

    public bool Is(string scheme) => string.Equals(Scheme, scheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads every challenge of every header; what cannot be read ends its header.</summary>
    public static IReadOnlyList<AuthenticationChallenge> ParseAll(IEnumerable<string> headers)
    {
        var challenges = new List<AuthenticationChallenge>();
        foreach (string header in headers)
        {
            if (header.Length <= MaxHeader)
                new Reader(header).ReadInto(challenges);
        }

        return challenges;
    }

    private sealed class Reader(string text)
    {
        private int _at;

        public void ReadInto(List<AuthenticationChallenge> challenges)
        {
            Dictionary<string, string>? parameters = null;
            while (true)
            {
                SkipSeparators();
                string word = Token();
                if (word.Length == 0)
                    return;
                int afterWord = _at;
                SkipSpaces();
                if (parameters is not null && Take('='))
                {
                    SkipSpaces();
                    if (Value() is not { } value)
                        return;
                    parameters.TryAdd(word, value);
                    continue;
                }

                // A word that no '=' follows starts the next challenge; a token68 after it is of no use to us and is passed over.
                _at = afterWord;
                parameters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
                challenges.Add(new AuthenticationChallenge(word, parameters));
            }
        }

        private string? Value()
        {
            if (!Take('"'))
                return Token();
            var value = new StringBuilder();
            for (; _at < text.Length; _at++)
            {
                if (text[_at] == '"')
                {
                    _at++;
                    return value.ToString();
                }

                if (text[_at] == '\\' && _at + 1 < text.Length)
                    _at++;
                value.Append(text[_at]);
            }

            return null;
        }

        private string Token()
        {
            int start = _at;
            while (_at < text.Length
                && (char.IsAsciiLetterOrDigit(text[_at]) || "!#$%&'*+-.^_`|~/:@?".Contains(text[_at], StringComparison.Ordinal)))
                _at++;
            return text[start.._at];
        }

        private bool Take(char c)
        {
            bool found = _at < text.Length && text[_at] == c;
            if (found)
                _at++;
            return found;
        }

        private void SkipSpaces()
        {
            while (_at < text.Length && text[_at] is ' ' or '\t')
                _at++;
        }

        private void SkipSeparators()
        {
            while (_at < text.Length && text[_at] is ' ' or '\t' or ',')
                _at++;
        }
    }
}
