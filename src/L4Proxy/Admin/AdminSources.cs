using L4Proxy.Configuration;
using L4Proxy.Resources;

namespace L4Proxy.Admin;

/// <summary>What the admin endpoint asks of the rest of the process, so that it need not know who holds it.</summary>
/// <param name="Options">In force now, reloads included.</param>
/// <param name="Model">In force now.</param>
/// <param name="Impact">Which live connections a model would close if it were put in force; closes none.</param>
internal sealed record AdminSources(Func<ProxyOptions> Options, Func<MeshModel> Model, Func<MeshModel, Task<CandidateImpact>> Impact);

/// <summary>What a candidate means for live connections.</summary>
/// <param name="Judged">Inbound connections that policy had let in.</param>
/// <param name="Affected">Of these, those the change may concern.</param>
/// <param name="Denied">Of these, those it denies.</param>
internal sealed record CandidateImpact(int Judged, int Affected, IReadOnlyList<PreviewedConnection> Denied);
