namespace L4Proxy.Core.Connections;

/// <summary>How far a connection got. Only ever moves forward; the access log prints the last one reached.</summary>
public enum Phase : byte
{
    Accepted,
    OriginalDestination,
    Detecting,
    TerminatingTls,
    Dialing,
    OriginatingTls,
    Splicing,
}
