using System.Collections.Immutable;
using L4Proxy.Configuration.Binding;
using L4Proxy.Core.Routing;

namespace L4Proxy.Resources.Traffic;

/// <summary>Ports of a ServiceEntry.</summary>
internal static class ServicePortReader
{
    /// <summary>Istio's protocols over TCP, and whether what is spoken begins with a ClientHello. Case does not count.</summary>
    private static readonly Dictionary<string, bool> _protocols = new(StringComparer.OrdinalIgnoreCase)
    {
        ["TCP"] = false, ["TLS"] = true, ["HTTP"] = false, ["HTTPS"] = true, ["HTTP2"] = false, ["HTTP_PROXY"] = false,
        ["GRPC"] = false, ["GRPC-WEB"] = false, ["MONGO"] = false, ["MYSQL"] = false, ["REDIS"] = false,
    };

    public static ImmutableArray<ServicePort> ReadAll(Section spec, Resolution resolution)
    {
        if (!spec.Has("ports"))
        {
            spec.Fail("ports", "is missing; add at least one, such as ports: [{number: 443, name: tls, protocol: TLS}]");
            return [];
        }
        var ports = new List<ServicePort>();
        spec.InnerList("ports", broken: false, section => Read(section, resolution, ports));
        if (spec.IsEmptyList("ports"))
        {
            spec.Fail("ports", "is empty; write at least one, such as {number: 443, name: tls, protocol: TLS}");
        }
        return [.. ports];
    }

    private static bool Read(Section section, Resolution resolution, List<ServicePort> before)
    {
        var port = new ServicePort(
            section.Required("number", 0, "443", ScalarText.Port),
            section.Required("name", "", "tls", Name),
            section.Value("protocol", fallback: false, IsTls),
            section.Value<int?>("targetPort", null, text => ScalarText.Port(text)));
        if (port.Number > 0 && before.Exists(other => other.Number == port.Number))
        {
            section.Fail("number", $"{port.Number} is the number of another port too; write each port once");
        }
        if (port.Name.Length > 0 && before.Exists(other => other.Name == port.Name))
        {
            section.Fail("name", $"'{port.Name}' is the name of another port too; give each port its own");
        }
        if (port.TargetPort is not null && resolution == Resolution.None)
        {
            section.Warn("targetPort", "has no effect with resolution NONE, where connections go where they were going; remove it");
        }
        before.Add(port);
        return true;
    }

    private static bool IsTls(string text) => text.Equals("UDP", StringComparison.OrdinalIgnoreCase)
        ? throw new FormatException("'UDP' is not TCP, and only TCP is captured; remove the port")
        : WordText.OneOf(text, _protocols);

    /// <summary>RFC 1123 label, as Istio demands.</summary>
    internal static string Name(string text) => text.Length is > 0 and <= 63 && text[0] != '-' && text[^1] != '-'
        && text.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-')
            ? text : throw new FormatException($"'{text}' is not a port name; use lower-case letters, digits and '-', at most 63");
}
