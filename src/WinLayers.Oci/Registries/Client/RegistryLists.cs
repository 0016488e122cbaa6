using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using WinLayers.Formats.Text;
using WinLayers.Oci.Documents;
using WinLayers.Oci.References;
using WinLayers.Oci.Registries.Transport;

namespace WinLayers.Oci.Registries.Client;

/// <summary>Lists that come in pages: tags and referrers.</summary>
internal static class RegistryLists
{
    private const int MaxPages = 10_000;

    public static async IAsyncEnumerable<string> TagsAsync(
        RegistryTransport transport, RegistryRequest first, int limit, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var seen = new HashSet<Uri>();
        RegistryRequest? page = first;
        while (page is not null)
        {
            RegistryRequest current = Unseen(page, seen);
            (IReadOnlyList<string> tags, Uri? next) = await transport.ExecuteAsync(
                current,
                async (response, token) =>
                {
                    byte[] body = await BodyAsync(response, current.Call, limit, token).ConfigureAwait(false);
                    return (ReadTags(body, current.Call), PageLink.Next(response, current.Uri, current.Endpoint, current.Call));
                },
                cancellationToken).ConfigureAwait(false);
            foreach (string tag in tags)
                yield return tag;
            page = next is null ? null : current with { Uri = next };
        }
    }

    public static async Task<IReadOnlyList<Referrer>> ReferrersAsync(
        RegistryTransport transport, RegistryRequest api, RegistryRequest fallback, int limit, CancellationToken cancellationToken)
    {
        var all = new List<Referrer>();
        var seen = new HashSet<Uri>();
        RegistryRequest? page = api with { Accept = [MediaTypes.OciIndex], Expected = [HttpStatusCode.NotFound] };
        bool isFallback = false;
        while (page is not null)
        {
            RegistryRequest current = Unseen(page, seen);
            (bool found, IReadOnlyList<Referrer> referrers, Uri? next) = await transport.ExecuteAsync(
                current,
                async (response, token) =>
                {
                    if (response.StatusCode == HttpStatusCode.NotFound)
                        return (false, (IReadOnlyList<Referrer>)[], (Uri?)null);
                    byte[] body = await BodyAsync(response, current.Call, limit, token).ConfigureAwait(false);
                    return (true, (IReadOnlyList<Referrer>)ReadReferrers(body, current.Call),
                        PageLink.Next(response, current.Uri, current.Endpoint, current.Call));
                },
                cancellationToken).ConfigureAwait(false);
            all.AddRange(referrers);
            bool needsFallback = !found && !isFallback && all.Count == 0;
            isFallback |= needsFallback;
            page = needsFallback ? fallback with { Expected = [HttpStatusCode.NotFound] }
                : next is null ? null
                : current with { Uri = next };
        }

        return all;
    }

    private static RegistryRequest Unseen(RegistryRequest page, HashSet<Uri> seen) =>
        seen.Add(page.Uri) && seen.Count <= MaxPages
            ? page
            : throw new RegistryProtocolException(page.Call, "its pages link in a circle or without end");

    private static async Task<byte[]> BodyAsync(HttpResponseMessage response, RegistryCall call, int limit,
        CancellationToken cancellationToken) =>
        await BoundedBody.ReadAsync(response.Content, limit, cancellationToken).ConfigureAwait(false)
        ?? throw new RegistryProtocolException(call, $"the list has more than {limit} bytes");

    private static List<string> ReadTags(byte[] body, RegistryCall call)
    {
        using JsonDocument document = Parse(body, call);
        var tags = new List<string>();
        if (!document.RootElement.TryGetProperty("tags", out JsonElement list) || list.ValueKind == JsonValueKind.Null)
            return tags; // a repository without tags
        if (list.ValueKind != JsonValueKind.Array)
            throw new RegistryProtocolException(call, "its list of tags is no list");
        foreach (JsonElement tag in list.EnumerateArray())
        {
            string text = tag.ValueKind == JsonValueKind.String ? tag.GetString()! : "";
            if (!ReferenceGrammar.IsTag(text))
                throw new RegistryProtocolException(call, "its list of tags holds what is no tag");
            tags.Add(text);
        }

        return tags;
    }

    private static List<Referrer> ReadReferrers(byte[] body, RegistryCall call)
    {
        using JsonDocument document = Parse(body, call);
        if (!document.RootElement.TryGetProperty("manifests", out JsonElement list) || list.ValueKind != JsonValueKind.Array)
            throw new RegistryProtocolException(call, "its list of referrers is no index");
        var reader = new JsonDocumentReader($"the list of referrers of {call.Registry}/{call.Repository}");
        return [.. list.EnumerateArray().Select(e => new Referrer(reader.ReadDescriptor(e), reader.OptionalText(e, "artifactType")))];
    }

    private static JsonDocument Parse(byte[] body, RegistryCall call)
    {
        JsonDocument document;
        try
        {
            document = StrictJson.Parse(body);
        }
        catch (JsonException e)
        {
            throw new RegistryProtocolException(call, $"its list {StrictJson.Describe(e)}", e);
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object)
            return document;
        document.Dispose();
        throw new RegistryProtocolException(call, "its list is no JSON object");
    }
}
