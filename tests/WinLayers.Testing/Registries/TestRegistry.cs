using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Oci.References;

namespace WinLayers.Testing.Registries;

/// <summary>A registry in memory that keeps to the protocol, except where a test's <see cref="Misbehave"/> says otherwise.</summary>
internal sealed partial class TestRegistry : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, byte[]> _blobs = new();
    private readonly ConcurrentDictionary<string, (byte[] Bytes, string Type)> _manifests = new();
    private readonly ConcurrentDictionary<string, byte[]> _uploads = new();
    private readonly TestServer _server;

    public TestRegistry() => _server = new TestServer(Answer);

    /// <summary>Asked first; null leaves the request to the registry.</summary>
    public Func<TestRequest, TestAnswer?> Misbehave { get; set; } = _ => null;

    public bool IgnoresRange { get; set; }

    public bool HasReferrersApi { get; set; } = true;

    public bool Mounts { get; set; } = true;

    public int PageSize { get; set; } = 1000;

    public TestServer Server => _server;

    public string Host => _server.Host;

    public IReadOnlyList<TestRequest> Requests => _server.Requests;

    public RegistryReference Reference(string repository, string tag = "latest") =>
        RegistryReference.Parse($"docker://{Host}/{repository}:{tag}");

    public Descriptor AddBlob(string repository, byte[] bytes, string mediaType = MediaTypes.OciLayerGZip)
    {
        var digest = ContentHash.Of(bytes);
        _blobs[$"{repository}@{digest}"] = bytes;
        return new Descriptor { MediaType = mediaType, Digest = digest, Size = bytes.Length };
    }

    public byte[]? Blob(string repository, Digest digest) => _blobs.GetValueOrDefault($"{repository}@{digest}");

    public Digest AddManifest(string repository, string tag, string json, string type = MediaTypes.OciManifest)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(json);
        var digest = ContentHash.Of(bytes);
        _manifests[$"{repository}@{tag}"] = (bytes, type);
        _manifests[$"{repository}@{digest}"] = (bytes, type);
        return digest;
    }

    public byte[]? Manifest(string repository, string name) =>
        _manifests.TryGetValue($"{repository}@{name}", out var found) ? found.Bytes : null;

    /// <summary>The bytes that uploads in progress hold: for tests that lose some.</summary>
    public ConcurrentDictionary<string, byte[]> Uploads => _uploads;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    /// <summary>What it answers, sent in which way ever.</summary>
    public TestAnswer Answer(TestRequest request)
    {
        if (Misbehave(request) is { } other)
            return other;
        Match match = Route().Match(request.Path);
        if (!match.Success)
            return request.Path == "/v2/" ? new TestAnswer(200) : Failure(404, "UNSUPPORTED");
        string repository = match.Groups["name"].Value, what = match.Groups["what"].Value, rest = match.Groups["rest"].Value;
        return what switch
        {
            "manifests" when request.Method == "PUT" => PutManifest(request, repository, rest),
            "manifests" when request.Method == "DELETE" => DeleteManifest(repository, rest),
            "manifests" => GetManifest(repository, rest),
            "blobs" when rest.StartsWith("uploads/", StringComparison.Ordinal) => Upload(request, repository, rest["uploads/".Length..]),
            "blobs" => GetBlob(request, repository, rest),
            "tags" => Tags(request, repository),
            "referrers" when HasReferrersApi => Referrers(repository, rest),
            _ => Failure(404, "NOT_FOUND"),
        };
    }

    private TestAnswer GetManifest(string repository, string name) =>
        _manifests.TryGetValue($"{repository}@{name}", out var found)
            ? new TestAnswer(200) { Body = found.Bytes }.With("Content-Type", found.Type)
                .With("Docker-Content-Digest", ContentHash.Of(found.Bytes).ToString())
            : Failure(404, "MANIFEST_UNKNOWN");

    private TestAnswer PutManifest(TestRequest request, string repository, string name)
    {
        var digest = ContentHash.Of(request.Body);
        _manifests[$"{repository}@{name}"] = _manifests[$"{repository}@{digest}"] = (request.Body, request.Header("Content-Type")!);
        return new TestAnswer(201).With("Docker-Content-Digest", digest.ToString());
    }

    private TestAnswer DeleteManifest(string repository, string name)
    {
        if (!_manifests.TryRemove($"{repository}@{name}", out var gone))
            return Failure(404, "MANIFEST_UNKNOWN");
        bool isTag = !name.Contains(':', StringComparison.Ordinal);
        foreach (string key in _manifests.Where(m => !isTag && m.Value.Bytes.AsSpan().SequenceEqual(gone.Bytes)).Select(m => m.Key))
        {
            if (key.StartsWith(repository + "@", StringComparison.Ordinal))
                _manifests.TryRemove(key, out _);
        }

        return new TestAnswer(202);
    }

    private TestAnswer GetBlob(TestRequest request, string repository, string digest)
    {
        if (!_blobs.TryGetValue($"{repository}@{digest}", out byte[]? bytes))
            return Failure(404, "BLOB_UNKNOWN");
        bool stale = request.Header("If-Range") is { } condition && condition != $"\"{digest}\"";
        TestAnswer answer = new TestAnswer(200) { Body = bytes }.With("ETag", $"\"{digest}\"");
        if (IgnoresRange || stale || request.Header("Range") is not { } range)
            return answer;
        int from = int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture);
        return from >= bytes.Length
            ? new TestAnswer(416)
            : (answer with { Status = 206, Body = bytes[from..] }).With("Content-Range", $"bytes {from}-{bytes.Length - 1}/{bytes.Length}");
    }

    private TestAnswer Upload(TestRequest request, string repository, string id)
    {
        if (request.Method == "POST")
        {
            if (Mounts && request.Query("mount") is [{ } digest] && request.Query("from") is [{ } from]
                && _blobs.TryGetValue($"{from}@{digest}", out byte[]? known))
            {
                _blobs[$"{repository}@{digest}"] = known;
                return new TestAnswer(201).With("Location", $"/v2/{repository}/blobs/{digest}");
            }

            id = Guid.NewGuid().ToString("N");
            _uploads[id] = [];
            return State(202, repository, id);
        }

        if (!_uploads.TryGetValue(id, out byte[]? have))
            return Failure(404, "BLOB_UPLOAD_UNKNOWN");
        switch (request.Method)
        {
            case "GET":
                return State(204, repository, id);
            case "DELETE":
                _uploads.TryRemove(id, out _);
                return new TestAnswer(204);
            case "PATCH":
                if (request.Header("Content-Range") is { } range && range.Split('-')[0] != $"{have.Length}")
                    return State(416, repository, id);
                _uploads[id] = [.. have, .. request.Body];
                return State(202, repository, id);
            default:
                byte[] all = [.. have, .. request.Body];
                string expected = request.Query("digest").Single();
                if (ContentHash.Of(all).ToString() != expected)
                    return Failure(400, "DIGEST_INVALID");
                _uploads.TryRemove(id, out _);
                _blobs[$"{repository}@{expected}"] = all;
                return new TestAnswer(201).With("Location", $"/v2/{repository}/blobs/{expected}");
        }
    }

    private TestAnswer State(int status, string repository, string id) =>
        new TestAnswer(status).With("Location", $"/v2/{repository}/blobs/uploads/{id}?_state=secret-state")
            .With("Range", $"0-{Math.Max(0, _uploads[id].Length - 1)}");

    private TestAnswer Tags(TestRequest request, string repository)
    {
        string[] all =
            [.. _manifests.Keys.Where(k => k.StartsWith(repository + "@", StringComparison.Ordinal))
            .Select(k => k[(repository.Length + 1)..]).Where(t => !t.Contains(':')).Order(StringComparer.Ordinal)];
        string last = request.Query("last") is [{ } after] ? after : "";
        string[] page = [.. all.Where(t => string.CompareOrdinal(t, last) > 0).Take(PageSize)];
        TestAnswer answer = TestAnswer.Text(200, $$"""{"name":"{{repository}}","tags":[{{string.Join(',', page.Select(t => $"\"{t}\""))}}]}""");
        return page.Length == PageSize ? answer.With("Link", $"</v2/{repository}/tags/list?n={PageSize}&last={page[^1]}>; rel=\"next\"")
            : answer;
    }

    private TestAnswer Referrers(string repository, string digest) =>
        TestAnswer.Text(200, Encoding.UTF8.GetString(Manifest(repository, digest.Replace(':', '-')) ?? """{"schemaVersion":2,"manifests":[]}"""u8.ToArray()), MediaTypes.OciIndex);

    public static TestAnswer Failure(int status, string code) => TestAnswer.Text(status, $$"""{"errors":[{"code":"{{code}}","message":"so says the test"}]}""");

    [GeneratedRegex("^/v2/(?<name>.+)/(?<what>manifests|blobs|tags|referrers)/(?<rest>.*)$", RegexOptions.None, 1000)]
    private static partial Regex Route();
}
