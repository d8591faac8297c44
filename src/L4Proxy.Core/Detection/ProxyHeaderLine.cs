using System.Net;

namespace L4Proxy.Core.Detection;

/// <summary>Version 1: one line of text (§2.1 of the specification).</summary>
internal static class ProxyHeaderLine
{
    /// <summary>Longest line, its CRLF counted: UNKNOWN with two IPv6 addresses and two ports.</summary>
    private const int MaxBytes = 107;

    public static ProxyHeaderStatus Parse(ReadOnlySpan<byte> arrived, out ProxyHeader header)
    {
        var reader = new ProxyLineReader(arrived[..Math.Min(arrived.Length, MaxBytes)]);
        IPEndPoint? source = null, destination = null;
        reader.Expect("PROXY "u8);
        switch (reader.Next())
        {
            case (byte)'U':
                reader.Expect("UNKNOWN"u8);
                reader.SkipToLineEnd();
                break;
            case (byte)'T':
                reader.Expect("TCP"u8);
                var isIpV6 = reader.OneOf((byte)'4', (byte)'6');
                reader.Expect(" "u8);
                Span<byte> addresses = stackalloc byte[2 * 16];
                var size = isIpV6 ? 16 : 4;
                var from = addresses[..size];
                var to = addresses.Slice(16, size);
                reader.Address(from);
                reader.Address(to);
                var sourcePort = reader.Number(IPEndPoint.MaxPort, (byte)' ');
                var destinationPort = reader.Number(IPEndPoint.MaxPort, (byte)'\r');
                reader.Expect("\n"u8);
                if (reader.Status == ProxyHeaderStatus.Complete)
                {
                    source = new IPEndPoint(new IPAddress(from), sourcePort);
                    destination = new IPEndPoint(new IPAddress(to), destinationPort);
                }
                break;
            default:
                reader.Refuse();
                break;
        }
        switch (reader.Status)
        {
            case ProxyHeaderStatus.Complete:
                header = new ProxyHeader(reader.Position, source, destination, null);
                return ProxyHeaderStatus.Complete;
            case ProxyHeaderStatus.NeedMore when arrived.Length < MaxBytes:
                return ProxyHeader.NeedMore(out header);
            case ProxyHeaderStatus.NeedMore:
                return ProxyHeader.Invalid("the PROXY line is longer than 107 bytes", out header);
            default:
                return ProxyHeader.Invalid("the PROXY line is malformed", out header);
        }
    }
}
