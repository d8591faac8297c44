using System.Collections.Immutable;
using L4Proxy.Configuration;

namespace L4Proxy.Resources;

/// <summary>The resources at the start are not good. Without them nobody knows who may call, so nothing is started.</summary>
internal sealed class ResourcesRefusedException(string path, ImmutableArray<ConfigurationError> errors)
    : Exception($"mesh.resources {path} is refused with {errors.Length} error(s)")
{
    /// <summary>All of them.</summary>
    public ImmutableArray<ConfigurationError> Errors { get; } = errors;
}
