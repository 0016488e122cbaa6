using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Inputs;
using WinLayers.Cli.Options;
using WinLayers.Oci.References;

namespace WinLayers.Cli.Verbs;

/// <summary>Lists the tags of a repository.</summary>
internal sealed class TagsVerb : Verb
{
    private readonly Argument<string> _repository;
    private readonly SourceOptions _source;

    public TagsVerb()
        : base(
            "tags", "List the tags of a registry's repository",
            "winlayers tags mcr.microsoft.com/windows/nanoserver",
            "winlayers tags registry.example/app --json")
    {
        _repository = AddArgument("REPO", "The repository: HOST/REPO, without a tag");
        _source = new SourceOptions(this, store: null, withPlatform: false);
        AddJson();
        Remarks = "In the registry's order, as it sends them; mirrors are not asked.";
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        string text = call.Get(_repository);
        RegistryReference repository =
            RegistryArgument.Parse(text, "only registries have tags to list; 'winlayers ls' lists the store's images");
        if (RegistryArgument.NamesOne(text, repository))
            throw new UsageException(
                $"'{text}' names one image; tags are listed of a repository: {repository.Host}/{repository.Repository}");
        IAsyncEnumerable<string> tags = _source.Registry(call, text, repository).ListTagsAsync(repository, call.CancellationToken);
        if (call.Output.Json)
        {
            List<string> all = await tags.ToListAsync(call.CancellationToken).ConfigureAwait(false);
            call.Output.Document(new TagsDocument($"{repository.Host}/{repository.Repository}", all), CommandJson.Default.TagsDocument);
            return ExitCode.Done;
        }

        await foreach (string tag in tags.ConfigureAwait(false))
            call.Output.Line(tag);
        return ExitCode.Done;
    }
}

/// <summary>What <c>tags --json</c> prints.</summary>
internal sealed record TagsDocument(string Repository, IReadOnlyList<string> Tags);
