using System.Buffers;
using L4Proxy.Configuration;
using L4Proxy.Core.Connections;
using L4Proxy.Core.Policy;
using L4Proxy.Core.Resources;
using L4Proxy.Resources;

namespace L4Proxy.Explain;

/// <summary>Judges the connections of an access log by resources that need not be in force.</summary>
internal sealed class PolicyReplay(MeshModel model, ProxyOptions options)
{
    private readonly ProxyOptions _options = AsLogged(options);
    private readonly Dictionary<(string Who, int Port, CloseReason Reason, string? Rule), DeniedGroup> _denied = [];

    public long Lines { get; private set; }

    /// <summary>Let in then, and judged now.</summary>
    public long LetIn { get; private set; }

    /// <summary>Of these, denied now.</summary>
    public long Denied { get; private set; }

    /// <summary>Denied then.</summary>
    public long DeniedThen { get; private set; }

    /// <summary>Of these, let in now.</summary>
    public long NewlyAllowed { get; private set; }

    /// <summary>Ended before policy was asked: failed handshakes, limits.</summary>
    public long NotJudged { get; private set; }
    public long NotInbound { get; private set; }
    public long Unreadable { get; private set; }

    /// <summary>Who was let in and would be denied now, most connections first.</summary>
    public IEnumerable<DeniedGroup> Groups => _denied.Values.OrderByDescending(group => group.Count).ThenBy(group => group.Who, StringComparer.Ordinal);

    public void Take(ReadOnlySequence<byte> line)
    {
        Lines++;
        var connection = LoggedConnection.Read(line);
        switch (connection.Outcome)
        {
            case LoggedOutcome.LetIn:
                LetIn++;
                Judge(connection);
                break;
            case LoggedOutcome.Denied:
                DeniedThen++;
                NewlyAllowed += InboundJudge.Judge(model, _options, connection.Request).IsAllowed ? 1 : 0;
                break;
            case LoggedOutcome.NotJudged:
                NotJudged++;
                break;
            case LoggedOutcome.NotInbound:
                NotInbound++;
                break;
            default:
                Unreadable++;
                break;
        }
    }

    /// <summary>
    /// Whoever the log names was believed then, by the proxy that had the certificates; here they may not even be mounted, and what
    /// configuration leaves to that must not deny anybody.
    /// </summary>
    private static ProxyOptions AsLogged(ProxyOptions options) => options with
    {
        Identity = options.Identity with { Source = IdentitySource.Files, TrustBundle = "" },
        Mesh = options is { Identity.Source: IdentitySource.None, Mesh.Mtls: MtlsMode.Disable }
            ? options.Mesh with { Mtls = MtlsMode.Permissive }
            : options.Mesh,
    };

    private void Judge(in LoggedConnection connection)
    {
        var verdict = InboundJudge.Judge(model, _options, connection.Request);
        if (verdict.Refusal is not { } reason)
        {
            return;
        }
        Denied++;
        var who = connection.Request.Peer?.ToString() ?? connection.Request.Source.ToString();
        var port = connection.Request.Destination.Port;
        if (!_denied.TryGetValue((who, port, reason, verdict.Rule), out var group))
        {
            group = new DeniedGroup(who, port, reason, verdict.Rule, verdict.By);
            _denied.Add((who, port, reason, verdict.Rule), group);
        }
        group.Add(connection.At);
    }
}

/// <summary>Connections of one peer to one port that the same rule denies.</summary>
/// <param name="who">Its identity; in clear its address.</param>
/// <param name="port">Of the workload.</param>
/// <param name="reason">Policy, or plaintext where mTLS is due.</param>
/// <param name="rule">Null: no ALLOW rule matches, or mTLS is what it lacks.</param>
/// <param name="by">Where that is written; null: nowhere.</param>
internal sealed class DeniedGroup(string who, int port, CloseReason reason, string? rule, Origin? by)
{
    public string Who { get; } = who;
    public int Port { get; } = port;
    public CloseReason Reason { get; } = reason;
    public string? Rule { get; } = rule;
    public Origin? By { get; } = by;
    public long Count { get; private set; }

    /// <summary>Null where no line says when.</summary>
    public DateTimeOffset? First { get; private set; }
    public DateTimeOffset? Last { get; private set; }

    public void Add(DateTimeOffset? at)
    {
        Count++;
        First = First is null || at < First ? at ?? First : First;
        Last = Last is null || at > Last ? at ?? Last : Last;
    }
}
