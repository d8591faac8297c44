namespace L4Proxy.Core.Detection;

/// <summary>
/// Reads the header of the PROXY protocol (haproxy.org, "The PROXY protocol, Versions 1 &amp; 2"), always from the first byte of the
/// connection. Strict: whoever may send one is trusted for the addresses in it, so a header is understood to its last byte or refused.
/// Only ask where a header is due: the specification forbids to guess whether there is one.
/// </summary>
public static class ProxyHeaderParser
{
    /// <summary>
    /// Longest header accepted, in bytes. Version 2 could say 65 551; the addresses take at most 232, and this leaves room for what proxies
    /// are known to add (a SPIFFE ID has at most 2048), without making whoever waits for it keep 64 KiB.
    /// </summary>
    public const int MaxBytes = 4096;

    /// <summary>Parses what has arrived. Allocates nothing unless the header is complete.</summary>
    /// <param name="arrived">All bytes of the connection so far, from its first.</param>
    /// <param name="header">The header if complete, the problem if invalid.</param>
    public static ProxyHeaderStatus Parse(ReadOnlySpan<byte> arrived, out ProxyHeader header) => arrived switch
    {
        [] => ProxyHeader.NeedMore(out header),
        [(byte)'P', ..] => ProxyHeaderLine.Parse(arrived, out header),
        [(byte)'\r', ..] => ProxyHeaderBlock.Parse(arrived, out header),
        _ => ProxyHeader.Invalid("the connection does not begin with a PROXY header", out header),
    };
}
