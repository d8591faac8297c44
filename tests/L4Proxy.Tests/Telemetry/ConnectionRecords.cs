using System.Net;
using L4Proxy.Core.Connections;

namespace L4Proxy.Tests.Telemetry;

/// <summary>Records as accounting leaves them.</summary>
internal static class ConnectionRecords
{
    public static ConnectionRecord Full(long id = 7)
    {
        var record = new ConnectionRecord(id, Direction.Outbound,
            new(IPEndPoint.Parse("10.0.0.5:43210")), new(IPEndPoint.Parse("127.0.0.1:15001")), 1_000)
        {
            OriginalDestination = new(IPEndPoint.Parse("10.96.0.1:6379")),
            Upstream = new(IPEndPoint.Parse("[fd00::a]:6379")),
            DialedAt = 1_001,
            ConnectedAt = 1_004,
            FirstByteAt = 1_010,
            BytesToUpstream = 1_234,
            BytesToDownstream = 9_876_543_210,
            Spliced = true,
            Protocol = Protocol.Redis,
            Tls = new TlsFacts
            {
                ServerName = "outbound_.6379_._.store.demo.svc.cluster.local",
                Alpn = "istio",
                Version = "1.3",
                PeerIdentity = "spiffe://cluster.local/ns/demo/sa/store",
                LocalIdentity = "spiffe://cluster.local/ns/demo/sa/shop",
                HandshakeStartedAt = 1_004,
                HandshakeEndedAt = 2_504,
            },
            Policy = new PolicyFacts(IsAllowed: true, "demo/let-shop#1") { DryRun = "deny demo/deny-store#0", Audit = "demo/watch#2" },
            Route = "store.demo.svc.cluster.local:6379/v2",
            Attempts = 3,
            Detail = "as the peer said",
        };
        record.Enter(Phase.Splicing);
        record.End(CloseReason.UpstreamReset, errno: 104);
        record.Close(3_500);
        return record;
    }

    public static ConnectionRecord Minimal(int errno = 0)
    {
        var record = new ConnectionRecord(1, Direction.Inbound,
            new(IPEndPoint.Parse("[::1]:5")), new(IPEndPoint.Parse("[::1]:15006")), 1_000);
        record.End(CloseReason.ConnectionLimit, errno);
        record.Close(1_000);
        return record;
    }
}
