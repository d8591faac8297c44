using L4Proxy.Core.Connections;

namespace L4Proxy.Telemetry;

/// <summary>The words of the closed sets as they stand in the access log and in metric labels. Never renamed.</summary>
internal static class Labels
{
    public static string Label(this Direction direction) => direction switch
    {
        Direction.Inbound => "inbound",
        Direction.Outbound => "outbound",
        Direction.Forward => "forward",
        _ => throw new ArgumentOutOfRangeException(nameof(direction), direction, "no label is known for this direction"),
    };

    public static string Label(this Phase phase) => phase switch
    {
        Phase.Accepted => "accepted",
        Phase.OriginalDestination => "originalDestination",
        Phase.Detecting => "detecting",
        Phase.TerminatingTls => "terminatingTls",
        Phase.Dialing => "dialing",
        Phase.OriginatingTls => "originatingTls",
        Phase.Splicing => "splicing",
        _ => throw new ArgumentOutOfRangeException(nameof(phase), phase, "no label is known for this phase"),
    };

    /// <summary>Null where there is nothing to say.</summary>
    public static string? Label(this Protocol protocol) => protocol switch
    {
        Protocol.Unknown => null,
        Protocol.Opaque => "opaque",
        Protocol.Tls => "tls",
        Protocol.MeshTls => "meshTls",
        Protocol.Http1 => "http1",
        Protocol.Http2 => "http2",
        Protocol.Ssh => "ssh",
        Protocol.Postgres => "postgres",
        Protocol.Redis => "redis",
        Protocol.Kafka => "kafka",
        Protocol.Mongo => "mongo",
        _ => throw new ArgumentOutOfRangeException(nameof(protocol), protocol, "no label is known for this protocol"),
    };

    /// <summary>How the connection was secured, as we know it.</summary>
    public static string Label(this Security security) => security switch
    {
        Security.Plaintext => "plaintext",
        Security.PassedTls => "passed_tls",
        Security.MutualTls => "mutual_tls",
        Security.OriginatedTls => "originated_tls",
        _ => throw new ArgumentOutOfRangeException(nameof(security), security, "no label is known for this security"),
    };

    public static string Label(this EndedBy side) => side switch
    {
        EndedBy.Downstream => "downstream",
        EndedBy.Upstream => "upstream",
        EndedBy.Proxy => "proxy",
        _ => throw new ArgumentOutOfRangeException(nameof(side), side, "no label is known for this side"),
    };
}
