using L4Proxy.Configuration;
using L4Proxy.Core.Connections;
using L4Proxy.Resources;

namespace L4Proxy.Admin;

/// <summary>What the admin endpoint asks of the rest of the process, so that it need not know who holds it.</summary>
/// <param name="Options">In force now, reloads included.</param>
/// <param name="Model">In force now.</param>
/// <param name="LiveConnections">Those that policy has let in, noted loop by loop: not all at one instant.</param>
/// <param name="IdOf">A connection's id as the access log will have it.</param>
/// <param name="Now">Microseconds of the clock of the records.</param>
internal sealed record AdminSources(
    Func<ProxyOptions> Options, Func<MeshModel> Model, Func<Task<IReadOnlyCollection<LiveConnection>>> LiveConnections,
    Func<ConnectionRecord, string> IdOf, Func<long> Now);
