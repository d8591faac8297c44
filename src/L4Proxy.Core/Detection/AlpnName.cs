using System.Text;

namespace L4Proxy.Core.Detection;

/// <summary>The name of an application protocol as text: any bytes are allowed on the wire (RFC 7301 §3.1).</summary>
internal static class AlpnName
{
    /// <summary>Printable ASCII as it is, every other byte and the backslash as <c>\xNN</c>. The usual names are not allocated again.</summary>
    public static string Of(ReadOnlySpan<byte> protocol)
    {
        if (Usual(protocol) is { } usual)
        {
            return usual;
        }
        if (IsPlain(protocol))
        {
            return Encoding.ASCII.GetString(protocol);
        }
        var text = new StringBuilder(protocol.Length * 4);
        foreach (var octet in protocol)
        {
            if (IsPlain([octet]))
            {
                text.Append((char)octet);
            }
            else
            {
                text.Append(@"\x").Append(Convert.ToHexString([octet]));
            }
        }
        return text.ToString();
    }

    private static string? Usual(ReadOnlySpan<byte> protocol) => protocol switch
    {
        _ when protocol.SequenceEqual("istio"u8) => MeshAlpn.Istio,
        _ when protocol.SequenceEqual("istio-peer-exchange"u8) => "istio-peer-exchange",
        _ when protocol.SequenceEqual("h2"u8) => "h2",
        _ when protocol.SequenceEqual("http/1.1"u8) => "http/1.1",
        _ when protocol.SequenceEqual("l4proxy/1"u8) => MeshAlpn.Own,
        _ => null,
    };

    private static bool IsPlain(ReadOnlySpan<byte> protocol) =>
        !protocol.ContainsAnyExceptInRange((byte)' ', (byte)'~') && !protocol.Contains((byte)'\\');
}
