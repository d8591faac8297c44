using System.Collections.Immutable;
using L4Proxy.Configuration;
using L4Proxy.Resources;

namespace L4Proxy.Explain;

/// <summary>Resources that are not in force, as one workload would see them.</summary>
/// <param name="Model">Null where there are errors.</param>
/// <param name="Errors">All of them; one refuses the whole set.</param>
/// <param name="Warnings">What is taken in another sense than it may be meant.</param>
internal sealed record Candidate(MeshModel? Model, ImmutableArray<ConfigurationError> Errors, ImmutableArray<ConfigurationError> Warnings);
