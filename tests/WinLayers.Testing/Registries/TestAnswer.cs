using System.Text;

namespace WinLayers.Testing.Registries;

/// <summary>What the test server answers, and how it misbehaves while doing so.</summary>
internal sealed record TestAnswer(int Status)
{
    public List<(string Name, string Value)> Headers { get; init; } = [];

    public byte[] Body { get; init; } = [];

    /// <summary>Close the connection after this many bytes of the body.</summary>
    public int? CutAfter { get; init; }

    /// <summary>Send this in Content-Length in place of the truth.</summary>
    public long? DeclaredLength { get; init; }

    /// <summary>Send the body in chunks, without Content-Length.</summary>
    public bool IsChunked { get; init; }

    /// <summary>Wait this long before each single byte of the body.</summary>
    public TimeSpan? Drip { get; init; }

    /// <summary>Wait this long before the answer.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Say nothing and keep the connection open.</summary>
    public bool IsSilent { get; init; }

    /// <summary>Close the connection in place of an answer.</summary>
    public bool IsHangUp { get; init; }

    public static TestAnswer Text(int status, string body, string type = "application/json") =>
        new(status) { Body = Encoding.UTF8.GetBytes(body), Headers = { ("Content-Type", type) } };

    public static TestAnswer Redirect(string location, int status = 307) => new(status) { Headers = { ("Location", location) } };

    public TestAnswer With(string name, string value) => this with { Headers = [.. Headers, (name, value)] };
}

/// <summary>A request as it came over the wire.</summary>
internal sealed record TestRequest(string Method, string Target, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Path => Target.Split('?')[0];

    public string? Header(string name) => Headers.GetValueOrDefault(name);

    public IReadOnlyList<string> Query(string name) =>
        [.. Target.Split('?', 2).Skip(1).SelectMany(q => q.Split('&')).Where(p => p.StartsWith(name + "=", StringComparison.Ordinal))
            .Select(p => Uri.UnescapeDataString(p[(name.Length + 1)..]))];

    /// <summary>Everything the client said, to look for what it must not say.</summary>
    public string Everything =>
        $"{Method} {Target}\n{string.Join('\n', Headers.Select(h => $"{h.Key}: {h.Value}"))}\n\n{Encoding.Latin1.GetString(Body)}";
}
