using System.Buffers;
using System.Net;
using L4Proxy.Core.Identity;

namespace L4Proxy.Configuration.Binding;

/// <summary>Names of peers as they go on the wire: SPIFFE IDs and server names.</summary>
internal static class PeerText
{
    private static readonly SearchValues<char> _serverNameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

    /// <summary>The ID of one workload: a trust domain alone is nobody.</summary>
    public static string Identity(string text)
    {
        if (!SpiffeId.TryParse(text, out var id, out var problem))
        {
            throw new FormatException($"'{text}' is not a SPIFFE ID: {problem}; write one such as spiffe://cluster.local/ns/shop/sa/web");
        }
        return id.Path.Length > 0 ? text : throw new FormatException(
            $"'{text}' names a trust domain and no workload; write its whole ID, such as {text}/ns/shop/sa/web");
    }

    /// <summary>
    /// A name that a TLS client can send (RFC 6066 §3). Underscores are allowed, as in Istio's <c>outbound_.80_._.web</c>; whatever else
    /// SslStream would refuse when the first connection comes is refused here.
    /// </summary>
    public static string ServerName(string text)
    {
        if (text.Length == 0)
        {
            return text;
        }
        if (IPAddress.TryParse(text, out _))
        {
            throw new FormatException($"'{text}' is an address, and TLS sends only names; write a name, or remove the key to send none");
        }
        if (text.AsSpan().ContainsAnyExcept(_serverNameCharacters))
        {
            throw new FormatException($"'{text}' is not a server name; use letters, digits, '-', '_' and '.', and other letters as xn--...");
        }
        foreach (var label in text.Split('.'))
        {
            if (label.Length is 0 or > 63 || label[0] == '-')
            {
                throw new FormatException($"'{text}' is not a server name: {(label.Length == 0 ? "it has an empty part" : $"the part '{label}' {(label.Length > 63 ? "is longer than 63" : "begins with '-'")}")}; "
                    + "write parts of 1 to 63 characters with dots between them");
            }
        }
        return text.Length <= 253 ? text : throw new FormatException($"'{text}' is {text.Length} characters long; a name has at most 253");
    }

    /// <summary>Becomes the part <c>SUBSET_</c> of a server name, so it may have one character less than a part.</summary>
    public static string Subset(string text) => text.Length <= 62 && !text.Contains('.', StringComparison.Ordinal)
        ? ServerName(text)
        : throw new FormatException($"'{text}' is not a subset; use letters, digits, '-' and '_', at most 62");
}
