using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace WinLayers.Oci.References;

/// <summary>The grammar of names in registries and layouts, as the OCI distribution and image specifications give it.</summary>
internal static partial class ReferenceGrammar
{
    internal const int MaxRepository = 255;
    internal const int MaxRefName = 512;

    internal static bool IsRepository(ReadOnlySpan<char> text) => text.Length <= MaxRepository && Repository().IsMatch(text);

    internal static bool IsTag(ReadOnlySpan<char> text) => Tag().IsMatch(text);

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

    // As the distribution specification writes them, anchored. They are linear without an engine's help: what may follow a run of
    // letters, a separator or a component is never what that may hold, so no other cut ever fits. A time limit would only fail where a
    // machine is busy.
#pragma warning disable MA0009
    [GeneratedRegex(@"\A[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Repository();

    [GeneratedRegex(@"\A[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}\z")]
    private static partial Regex Tag();
#pragma warning restore MA0009
}
