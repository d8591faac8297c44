using System.Net;
using L4Proxy.Core.Connections;
using L4Proxy.Core.Identity;

namespace L4Proxy.Explain;

/// <summary>A connection that somebody asks about; it need not exist.</summary>
/// <param name="Direction">To the workload, or from it.</param>
/// <param name="To">Its original destination.</param>
internal sealed record ExplainQuestion(Direction Direction, IPEndPoint To)
{
    /// <summary>Inbound: who the caller proves to be; null: it speaks in clear.</summary>
    public SpiffeId? Peer { get; init; }

    /// <summary>The caller's address; null: <see cref="Nobody"/>.</summary>
    public IPAddress? Source { get; init; }

    /// <summary>Whom a trusted PROXY header names; null: the source.</summary>
    public IPAddress? Remote { get; init; }

    /// <summary>Null: none is sent.</summary>
    public string? ServerName { get; init; }

    /// <summary>Stands for an address nobody gave: in no network but those of every address.</summary>
    public static IPAddress Nobody { get; } = IPAddress.Any;
}
