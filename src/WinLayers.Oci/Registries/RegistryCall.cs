namespace WinLayers.Oci.Registries;

/// <summary>What is being asked of whom: the facts that every error and log line names.</summary>
/// <param name="Registry">The registry's or mirror's name.</param>
/// <param name="Repository">The repository, as the reference says it.</param>
/// <param name="Operation">What is being done, so that "Cannot …" reads well before it.</param>
internal sealed record RegistryCall(string Registry, string Repository, string Operation);
