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

    public static string Label(this EndedBy side) => side switch
    {
        EndedBy.Downstream => "downstream",
        EndedBy.Upstream => "upstream",
        EndedBy.Proxy => "proxy",
        _ => throw new ArgumentOutOfRangeException(nameof(side), side, "no label is known for this side"),
    };
}
