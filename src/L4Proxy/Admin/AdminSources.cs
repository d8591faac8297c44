using L4Proxy.Configuration;
using L4Proxy.Resources;

namespace L4Proxy.Admin;

/// <summary>What the admin endpoint asks of the rest of the process, so that it need not know who holds it.</summary>
/// <param name="Options">In force now, reloads included.</param>
/// <param name="Model">In force now.</param>
/// <param name="LiveConnections">Those open now, noted on their loops one after the other; a moment, not a transaction.</param>
internal sealed record AdminSources(
    Func<ProxyOptions> Options, Func<MeshModel> Model, Func<Task<IReadOnlyCollection<LiveConnection>>> LiveConnections);
