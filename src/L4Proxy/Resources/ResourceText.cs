using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using L4Proxy.Configuration.Binding;
using L4Proxy.Core.Resources;

namespace L4Proxy.Resources;

/// <summary>Parts that several kinds have in common.</summary>
internal static class ResourceText
{
    /// <summary>The selector under a key whose labels stand under another: <c>selector.matchLabels</c>, <c>workloadSelector.labels</c>.</summary>
    public static WorkloadSelector Selector(Section section, string key, string labels) => section.Inner(
        key, WorkloadSelector.Everything, selector => new WorkloadSelector(selector.Inner(labels, NoLabels, Labels)));

    /// <summary>An address or a network. Bits behind the prefix mean nothing and are cut off with a warning, as Istio cuts them in silence.</summary>
    public static IPNetwork Network(string text, Action<string> warn)
    {
        if (!text.Contains('/', StringComparison.Ordinal))
        {
            var single = Address(text);
            return new IPNetwork(single, single.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
        }
        var network = ScalarText.NetworkOf(text, out var written);
        if (!network.BaseAddress.Equals(written))
        {
            warn($"'{text}' has bits set behind its prefix, which mean nothing; write {network}");
        }
        return network;
    }

    /// <summary>An address in its usual form; IPv4 as such, not mapped into IPv6.</summary>
    public static IPAddress Address(string text) =>
        IPAddress.TryParse(text, out var address) && !address.IsIPv4MappedToIPv6
        // The BCL reads "127.1" and "010.0.0.1" as C did in 1983, and "[::1]" with its brackets.
        && (address.AddressFamily == AddressFamily.InterNetworkV6 ? text.IndexOfAny(['[', '%']) < 0 : address.ToString() == text)
            ? address
            : throw new FormatException($"'{text}' is not an IP address; write one such as 10.0.0.1 or 2001:db8::1");

    public static ImmutableSortedDictionary<string, string> NoLabels { get; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>Labels of Kubernetes: keys and values as it allows them.</summary>
    public static ImmutableSortedDictionary<string, string> Labels(Section section) =>
        // Distinct: keys that were refused have all become "".
        section.Entries(WorkloadText.LabelKey, WorkloadText.LabelValue).DistinctBy(label => label.Key, StringComparer.Ordinal)
            .ToImmutableSortedDictionary(StringComparer.Ordinal);
}
