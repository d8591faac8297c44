using System.Collections.Immutable;
using L4Proxy.Configuration;

namespace L4Proxy.Resources;

/// <summary>A set that is in force.</summary>
internal sealed record LoadedResources(ResourceLoad Load, ResourceSet Set, MeshModel Model);

/// <summary>A set that was not taken over, and since when it stands on disk.</summary>
internal sealed record RefusedResources(DateTimeOffset At, ImmutableArray<ConfigurationError> Errors);
