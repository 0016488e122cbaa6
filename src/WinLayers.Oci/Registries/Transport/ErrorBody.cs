using System.Text.Json;
using WinLayers.Formats.Text;

namespace WinLayers.Oci.Registries.Transport;

/// <summary>The explanation in a registry's error answer, made fit for one line of ours.</summary>
internal static class ErrorBody
{
    private const int MaxBytes = 64 << 10;
    private const int MaxCharacters = 300;

    /// <summary><c>CODE: message</c> of the first error, or an empty text where there is none that can be read.</summary>
    public static async Task<string> ReadAsync(HttpResponseMessage response, SentSecrets secrets, CancellationToken cancellationToken)
    {
        try
        {
            byte[]? body = await BoundedBody.ReadAsync(response.Content, MaxBytes, cancellationToken).ConfigureAwait(false);
            return body is null ? "" : Parse(body, secrets);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return ""; // The status says enough; that the explanation was cut off is no second error.
        }
    }

    internal static string Parse(ReadOnlyMemory<byte> body, SentSecrets secrets)
    {
        try
        {
            using var document = StrictJson.Parse(body);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                return "";
            if (root.TryGetProperty("errors", out JsonElement errors) && errors.ValueKind == JsonValueKind.Array
                && errors.GetArrayLength() > 0)
                root = errors[0];
            if (root.ValueKind != JsonValueKind.Object)
                return "";
            string code = Text(root, "code") ?? Text(root, "error") ?? "";
            string message = Text(root, "message") ?? Text(root, "error_description") ?? Text(root, "details") ?? "";
            string line = secrets.Redact(code.Length > 0 && message.Length > 0 ? $"{code}: {message}" : code + message);
            return SafeText.Excerpt(SafeText.OneLine(line), MaxCharacters).Trim().TrimEnd('.');
        }
        catch (JsonException)
        {
            return ""; // A proxy's page of HTML, most often.
        }
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
