using L4Proxy.Admin;
using L4Proxy.Interception;
using L4Proxy.Resources;
using L4Proxy.Telemetry;
using L4Proxy.Transport;

namespace L4Proxy.Listening;

/// <summary>What <see cref="PolicyFollower"/> would do, told instead of done.</summary>
internal sealed class PolicyPreview(PolicyFollower follower, Func<MeshModel> model, Func<DataPathSettings> settings, AccessLog accessLog)
{
    public async Task<CandidateImpact> OfAsync(MeshModel candidate)
    {
        var impact = await follower.ImpactAsync(model(), candidate);
        var current = settings();
        return new CandidateImpact(impact.Live, impact.Affected, [.. impact.Denied.Select(connection => Of(connection, candidate, current)).OfType<PreviewedConnection>()]);
    }

    /// <summary>What policy asks of a connection is settled once it was judged, so that it can be read from here.</summary>
    private PreviewedConnection? Of(ProxiedConnection connection, MeshModel candidate, DataPathSettings current)
    {
        var (record, request) = (connection.Record, connection.AccessRequest);
        return LiveAccess.Denial(connection, candidate, current) is { } denial
            ? new(accessLog.IdOf(record), record.Direction.Label(), record.Downstream.EndPoint.ToString(), request.Peer?.ToString(),
                request.Destination.ToString(), Math.Round((Monotonic.Microseconds - record.AcceptedAt) / 1e6, 3), denial.Rule, denial.Why,
                OriginReply.Of(denial.By))
            : null;
    }
}
