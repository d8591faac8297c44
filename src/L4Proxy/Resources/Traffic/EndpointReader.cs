using System.Collections.Immutable;
using L4Proxy.Configuration.Binding;
using L4Proxy.Core.Identity;
using L4Proxy.Core.Routing;

namespace L4Proxy.Resources.Traffic;

/// <summary>
/// Endpoints, of a ServiceEntry or as a WorkloadEntry. What neighbours have in common is kept once: there may be fifty thousand of them.
/// </summary>
/// <param name="ports">Of the service; empty when it is not known.</param>
/// <param name="resolution">Of the service; null when it is not known.</param>
internal sealed class EndpointReader(ResourceDocument document, ImmutableArray<ServicePort> ports, Resolution? resolution)
{
    /// <summary>Far above any weight seen; a hundred thousand of them still fit a 64-bit sum.</summary>
    private const int MaxWeight = 1_000_000;

    private ImmutableSortedDictionary<string, string> _labels = ResourceText.NoLabels;
    private (string Text, SpiffeId? Id) _account = ("", null);
    private (string Text, Locality Value) _locality = ("", default);

    public Endpoint Read(Section section)
    {
        if (section.Has("network"))
        {
            section.Value("network", "", text => text);
            section.Warn("network", "networks are not told apart here, and the address is dialled as it is; make sure that it can be reached");
        }
        var address = section.Required("address", "", "10.1.2.3", Address);
        return new Endpoint(section.Position.Line, address)
        {
            Ip = AddressText.TryAddress(address),
            Ports = section.Has("ports") ? section.Inner("ports", NoPorts, Ports) : NoPorts,
            Labels = section.Has("labels") ? Shared(section.Inner("labels", ResourceText.NoLabels, ResourceText.Labels)) : ResourceText.NoLabels,
            Weight = section.Value("weight", 1, text => ScalarText.Number(text, 1, MaxWeight)),
            Locality = section.Value("locality", default, LocalityOf),
            Identity = section.Value("serviceAccount", null, Identity),
        };
    }

    private static ImmutableSortedDictionary<string, int> NoPorts { get; } = ImmutableSortedDictionary.Create<string, int>(StringComparer.Ordinal);

    private string Address(string text)
    {
        if (text.StartsWith("unix:", StringComparison.Ordinal))
        {
            throw new FormatException($"'{text}' is a Unix socket, and only TCP is dialled; write an IP address");
        }
        if (AddressText.TryAddress(text) is { } ip)
        {
            return ip.ToString();
        }
        return resolution == Resolution.Static
            ? throw new FormatException($"'{text}' is not an IP address, and resolution is STATIC; write an IP address, or resolution: DNS")
            : HostText.Name(text);
    }

    private ImmutableSortedDictionary<string, int> Ports(Section section)
    {
        var read = section.Entries(PortName, text => ScalarText.Port(text).ToString(System.Globalization.CultureInfo.InvariantCulture));
        return read.Where(port => port.Key.Length > 0 && port.Value.Length > 0).ToImmutableSortedDictionary(
            port => port.Key, port => int.Parse(port.Value, System.Globalization.CultureInfo.InvariantCulture), StringComparer.Ordinal);
    }

    private string PortName(string text) => ports.IsEmpty || ports.Any(port => port.Name == text)
        ? ServicePortReader.Name(text)
        : throw new FormatException($"'{text}' is not a port of the service; {Suggestion.For(text, [.. ports.Select(port => port.Name)])}");

    private Locality LocalityOf(string text)
    {
        if (text != _locality.Text)
        {
            _locality = (text, Locality.Parse(WorkloadText.Locality(text)));
        }
        return _locality.Value;
    }

    private SpiffeId? Identity(string text)
    {
        if (text != _account.Text)
        {
            var trustDomain = document.Reach.TrustDomains[0];
            var written = $"spiffe://{trustDomain}/ns/{document.Origin.Namespace}/sa/{WorkloadText.Name(text)}";
            _account = SpiffeId.TryParse(written, out var id, out var problem)
                ? (text, id) : throw new FormatException($"'{text}' makes no SPIFFE ID: {problem}; write the name of a service account");
        }
        return _account.Id;
    }

    private ImmutableSortedDictionary<string, string> Shared(ImmutableSortedDictionary<string, string> labels) =>
        labels.SequenceEqual(_labels) ? _labels : _labels = labels;
}
