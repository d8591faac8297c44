using System.Net;
using L4Proxy.Configuration.Binding;
using L4Proxy.Core.Connections;
using L4Proxy.Core.Identity;

namespace L4Proxy.Explain;

/// <summary>A question as people write it. Every parser throws <see cref="FormatException"/> with "what is wrong; what would do".</summary>
internal static class QuestionText
{
    /// <param name="direction">To the workload, or from it.</param>
    /// <param name="to">An address and a port.</param>
    /// <param name="from">At most one SPIFFE ID and one address.</param>
    /// <param name="serverName">Null: none.</param>
    /// <exception cref="FormatException">What is wrong; what would do.</exception>
    public static ExplainQuestion Question(Direction direction, string to, IEnumerable<string> from, string? serverName)
    {
        var question = new ExplainQuestion(direction, ScalarText.EndPoint(to))
        {
            ServerName = serverName is null ? null : PeerText.ServerName(serverName),
        };
        foreach (var each in from)
        {
            if (each.Contains('/', StringComparison.Ordinal))
            {
                question = question.Peer is null
                    ? question with { Peer = Peer(each) }
                    : throw new FormatException($"'{each}' is a second SPIFFE ID; a caller has one");
            }
            else
            {
                question = question.Source is null
                    ? question with { Source = Address(each) }
                    : throw new FormatException($"'{each}' is a second address; a caller has one");
            }
        }
        return question.Peer is not null && direction == Direction.Outbound
            ? throw new FormatException($"'{question.Peer}' does not matter outbound: the caller is this workload; leave it out, or ask about the other direction")
            : question;
    }

    public static SpiffeId Peer(string text) => SpiffeId.TryParse(text, out var id, out var problem)
        ? id
        : throw new FormatException($"'{text}' is not a SPIFFE ID: {problem}; write one such as spiffe://cluster.local/ns/demo/sa/web");

    public static IPAddress Address(string text) =>
        IPAddress.TryParse(text, out var address) && (address.IsIPv4MappedToIPv6 || string.Equals(address.ToString(), text, StringComparison.OrdinalIgnoreCase))
            ? address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address
            : throw new FormatException($"'{text}' is not an IP address; write one such as 10.0.0.1 or 2001:db8::1, or a SPIFFE ID");
}
