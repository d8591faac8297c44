using System.Collections.Immutable;
using L4Proxy.Configuration.Binding;
using L4Proxy.Core.Policy;
using L4Proxy.Core.Resources;

namespace L4Proxy.Resources;

/// <summary>PeerAuthentication: how callers must come.</summary>
internal static class PeerAuthenticationReader
{
    public static PeerAuthentication Read(ResourceDocument document)
    {
        var spec = document.Spec;
        var selector = ResourceText.Selector(spec, "selector", "matchLabels");
        var mode = spec.Inner("mtls", null, Mode);
        var ports = spec.Inner("portLevelMtls", ImmutableSortedDictionary<int, PortMtls>.Empty, Ports);
        if (spec.Has("portLevelMtls") && selector.Labels.IsEmpty)
        {
            spec.Fail("portLevelMtls", "needs a selector, for ports are those of some workload; add selector.matchLabels, or remove it");
        }
        return new PeerAuthentication(document.Origin, selector, mode, ports);
    }

    public static PeerAuthentication Move(PeerAuthentication resource, Origin origin, int lines) => resource with
    {
        Origin = origin,
        Ports = resource.Ports.ToImmutableSortedDictionary(port => port.Key, port => port.Value with { Line = port.Value.Line + lines }),
    };

    private static ImmutableSortedDictionary<int, PortMtls> Ports(Section section) => section
        .InnerEntries(ScalarText.Port, port => new PortMtls(Mode(port), port.Position.Line))
        .DistinctBy(port => port.Key).ToImmutableSortedDictionary(port => port.Key, port => port.Value);

    private static MtlsMode? Mode(Section section) => section.Value<MtlsMode?>("mode", null, text => text switch
    {
        "UNSET" => null,
        "DISABLE" => MtlsMode.Disable,
        "PERMISSIVE" => MtlsMode.Permissive,
        "STRICT" => MtlsMode.Strict,
        _ => throw new FormatException($"'{text}' is not accepted; {Suggestion.For(text, ["UNSET", "DISABLE", "PERMISSIVE", "STRICT"])}"),
    });
}
