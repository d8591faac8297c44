using L4Proxy.Redirect;

namespace L4Proxy.Tests.Redirect;

/// <summary>Option sets that between them reach every branch of the renderers; each has golden files of its name.</summary>
internal static class SampleOptions
{
    public static readonly IReadOnlyDictionary<string, RedirectArguments> All = new Dictionary<string, RedirectArguments>(StringComparer.Ordinal)
    {
        ["default"] = new(),
        ["excludes"] = new()
        {
            ExcludeInboundPorts = "9090,9000-9010",
            ExcludeOutboundPorts = "7443",
            ExcludeOutboundCidrs = "10.77.0.1,fd77::1/128,10.0.0.1/16",
            ExcludeInterfaces = "eth9,net1@if2",
        },
        ["includes"] = new()
        {
            IncludeInboundPorts = "80,8000-8100",
            IncludeOutboundPorts = "443,5432-5433",
            IncludeOutboundCidrs = "fd00::/8,10.0.0.0/8,192.168.7.9/24",
            ProxyUid = "2102",
            ProxyGid = "2103",
            OutboundPort = "16001",
            InboundPort = "16006",
        },
        ["nothing"] = new() { IncludeInboundPorts = "", IncludeOutboundCidrs = "" },
        ["guests"] = new() { GuestInterfaces = "docker0,k6t-eth0" },
        ["many-ports"] = new()
        {
            IncludeInboundPorts = "1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31",
            ExcludeInboundPorts = "40-41,43-44,46-47,49-50,52-53,55-56,58",
            IncludeOutboundPorts = "100,102,104,106,108,110,112,114,116,118,120,122,124,126,130-131",
            IncludeOutboundCidrs = "",
        },
        ["tproxy"] = new() { Mode = "tproxy" },
        ["tproxy-guests"] = new() { Mode = "tproxy", GuestInterfaces = "eth1", ExcludeInterfaces = "eth9", IncludeInboundPorts = "80,443" },
        ["ipv6-off"] = new() { Ipv6 = "off" },
    };

    public static RedirectOptions Parse(string name)
    {
        var options = RedirectOptionsParser.Parse(All[name], out var errors);
        Assert.Empty(errors);
        return options!;
    }
}
