using System.Collections.Immutable;
using L4Proxy.Core.Resources;

namespace L4Proxy.Core.Policy;

/// <param name="Policy">As it was written.</param>
/// <param name="Scope">In which it reaches the workload.</param>
/// <param name="Rules">In the order of the file.</param>
internal sealed record CompiledPolicy(AuthorizationPolicy Policy, ResourceScope Scope, ImmutableArray<CompiledRule> Rules)
{
    public bool Is(PolicyAction action, bool isDryRun) => Policy.Action == action && Policy.IsDryRun == isDryRun;
}
