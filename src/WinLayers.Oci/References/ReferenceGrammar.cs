using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace WinLayers.Oci.References;

/// <summary>The grammar of names in registries and layouts, as the OCI distribution and image specifications give it.</summary>
internal static class ReferenceGrammar
{
    internal const int MaxRepository = 255;
    internal const int MaxTag = 128;
    internal const int MaxRefName = 512;

    // component ("/" component)*, component = [a-z0-9]+ (("." | "_" | "__" | "-"+) [a-z0-9]+)*
    internal static bool IsRepository(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > MaxRepository)
            return false;
        foreach (Range range in text.Split('/'))
        {
            if (!IsRepositoryComponent(text[range]))
                return false;
        }

        return true;
    }

    // [a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}
    internal static bool IsTag(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > MaxTag || !(char.IsAsciiLetterOrDigit(text[0]) || text[0] == '_'))
            return false;
        foreach (char c in text)
        {
            if (!(char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'))
                return false;
        }

        return true;
    }

    // The value of org.opencontainers.image.ref.name: components of letters and digits joined by one of -._:@+ or "--", and "/" between.
    internal static bool IsRefName(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > MaxRefName)
            return false;
        bool wordBefore = false;
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsAsciiLetterOrDigit(text[i]))
            {
                wordBefore = true;
                continue;
            }

            // Tags may start or hold runs of '_', which the grammar of layouts leaves out but every tool writes.
            bool joins = text[i] is '-' or '.' or '_' or ':' or '@' or '+' or '/';
            bool doubled = i > 0 && text[i] is '-' or '_' or '.';
            if (!joins || !(wordBefore || doubled || text[i] == '_'))
                return false;
            wordBefore = false;
        }

        return text[^1] is not ('/' or ':' or '@') && !text.Contains("..", StringComparison.Ordinal);
    }

    // A DNS name, an IPv4 address or a bracketed IPv6 address, and perhaps a port.
    internal static bool IsHost(ReadOnlySpan<char> text)
    {
        ReadOnlySpan<char> name = text;
        int portColon = text.EndsWith("]", StringComparison.Ordinal) ? -1 : text.LastIndexOf(':');
        if (portColon >= 0)
        {
            if (!IsPort(text[(portColon + 1)..]))
                return false;
            name = text[..portColon];
        }

        if (name.Length > 2 && name[0] == '[' && name[^1] == ']')
            return IPAddress.TryParse(name[1..^1], out IPAddress? address) && address.AddressFamily == AddressFamily.InterNetworkV6
                && !name.Contains('%');
        if (name.Length is 0 or > 253)
            return false;
        foreach (Range range in name.Split('.'))
        {
            ReadOnlySpan<char> label = name[range];
            if (label.Length is 0 or > 63 || label[0] == '-' || label[^1] == '-')
                return false;
            foreach (char c in label)
            {
                if (!(char.IsAsciiLetterOrDigit(c) || c == '-'))
                    return false;
            }
        }

        return true;
    }

    private static bool IsPort(ReadOnlySpan<char> text) =>
        text.Length is > 0 and <= 5
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int port)
        && port is > 0 and <= ushort.MaxValue;

    private static bool IsRepositoryComponent(ReadOnlySpan<char> text)
    {
        if (text.Length == 0 || !IsLowerOrDigit(text[0]) || !IsLowerOrDigit(text[^1]))
            return false;
        for (int i = 1; i < text.Length; i++)
        {
            if (IsLowerOrDigit(text[i]) || text[i] == '-')
                continue;
            if (text[i] is not ('.' or '_'))
                return false;
            int run = 1;
            while (text[i + run] == text[i])
                run++;
            bool legalRun = run == 1 || (run == 2 && text[i] == '_');
            if (!legalRun || !IsLowerOrDigit(text[i + run]) || !IsLowerOrDigit(text[i - 1]))
                return false;
            i += run;
        }

        return true;
    }

    private static bool IsLowerOrDigit(char c) => c is (>= 'a' and <= 'z') or (>= '0' and <= '9');
}
