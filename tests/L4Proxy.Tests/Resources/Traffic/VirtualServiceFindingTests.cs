namespace L4Proxy.Tests.Resources.Traffic;

/// <summary>What is wrong or doubtful about one VirtualService by itself, word for word: the text is the user interface.</summary>
public sealed class VirtualServiceFindingTests
{
    [Theory]
    [InlineData("{}",
        "4:7: spec.hosts: is missing; add it, such as hosts: [\"web.demo.svc.cluster.local\"]\n4:7: spec: has no routes; write tcp or tls")]
    [InlineData("{hosts: [a.com]}",
        "4:7: spec: has no routes; write tcp or tls")]
    [InlineData("{hosts: [\"*\"], tcp: [{route: [{destination: {host: b.com}}]}]}",
        "4:16: spec.hosts[0]: '*' stands for every name there is; write a name, or *.example.com for all names below one")]
    [InlineData("{hosts: [a.com, a.com], tcp: [{route: [{destination: {host: b.com}}]}]}",
        "4:15: spec.hosts: has 'a.com' twice; write it once")]
    [InlineData("{hosts: [a.com], http: [{route: [{destination: {host: b.com}}]}]}",
        "4:30: spec.http: HTTP is not parsed here, and no other routes are written; write tcp or tls routes, or remove the resource")]
    [InlineData("{hosts: [a.com], tcp: [{}]}",
        "4:30: spec.tcp[0].route: is missing; add where to, such as route: [{destination: {host: web.demo.svc.cluster.local}}]")]
    [InlineData("{hosts: [a.com], tcp: [{route: []}]}",
        "4:38: spec.tcp[0].route: is empty; write at least one destination")]
    [InlineData("{hosts: [a.com], tcp: [{route: [{weight: 1}]}]}",
        "4:39: spec.tcp[0].route[0].destination: is missing; add it, such as destination: {host: web.demo.svc.cluster.local}")]
    [InlineData("{hosts: [a.com], tcp: [{route: [{destination: {subset: v1}}]}]}",
        "4:53: spec.tcp[0].route[0].destination.host: is missing; add it, such as host: \"web.demo.svc.cluster.local\"")]
    [InlineData("{hosts: [a.com], tcp: [{route: [{destination: {host: b.com}, weight: 0}, {destination: {host: c.com}}]}]}",
        "4:38: spec.tcp[0].route: has no weight above zero, so it leads nowhere; give each destination its weight")]
    [InlineData("{hosts: [a.com], tcp: [{route: [{destination: {host: b.com}, weight: -1}]}]}",
        "4:76: spec.tcp[0].route[0].weight: '-1' is not accepted; write a whole number from 0 to 1000000")]
    [InlineData("{hosts: [a.com], tcp: [{route: [{destination: {host: b.com, port: 80}}]}]}",
        "4:73: spec.tcp[0].route[0].destination.port: is not a mapping; write keys and values below it, or remove it")]
    [InlineData("{hosts: [a.com], tcp: [{match: [{port: 80, sourceSubnet: 10.0.0.0/8}], route: [{destination: {host: b.com}}]}]}",
        "4:64: spec.tcp[0].match[0].sourceSubnet: is not honoured, as Istio does not; remove it, or match sourceLabels")]
    [InlineData("{hosts: [a.com], tcp: [{match: [{destinationSubnets: [10.0.0.0/40]}], route: [{destination: {host: b.com}}]}]}",
        "4:61: spec.tcp[0].match[0].destinationSubnets[0]: '10.0.0.0/40' has no valid prefix length; write a number from 0 to 32 behind the slash")]
    [InlineData("{hosts: [a.com], tls: [{route: [{destination: {host: b.com}}]}]}",
        "4:30: spec.tls[0].match: is missing; add it, such as match: [{sniHosts: [web.example.com]}]")]
    [InlineData("{hosts: [a.com], tls: [{match: [{port: 443}], route: [{destination: {host: b.com}}]}]}",
        "4:39: spec.tls[0].match[0].sniHosts: is missing; add it, such as sniHosts: [web.example.com]")]
    [InlineData("{hosts: [a.com], tls: [{match: [{sniHosts: [c.com]}], route: [{destination: {host: b.com}}]}]}",
        "4:51: spec.tls[0].match[0].sniHosts[0]: 'c.com' is none of the hosts of this resource, nor covered by one; add it to spec.hosts")]
    [InlineData("{hosts: [a.com], tls: [{match: [{sniHosts: [\"*\"]}], route: [{destination: {host: b.com}}]}]}",
        "4:51: spec.tls[0].match[0].sniHosts[0]: '*' stands for every name there is; write a name, or *.example.com for all names below one")]
    [InlineData("{hosts: [a.com], tcp: [{match: [{snihosts: [a.com]}], route: [{destination: {host: b.com}}]}]}",
        "4:40: spec.tcp[0].match[0].snihosts: unknown key; known here: destinationSubnets, gateways, port, sourceLabels, sourceNamespace, sourceSubnet")]
    public void A_broken_virtual_service_is_refused_at_the_right_place(string spec, string expected) =>
        Assert.Equal(expected, OneResource.Errors("VirtualService", spec));

    [Theory]
    [InlineData("{hosts: [web], tcp: [{route: [{destination: {host: db}}]}]}",
        "4:15: spec.hosts: 'web' is short, and means 'web.demo.svc.cluster.local' because the resource stands in that namespace; write the whole name\n4:58: spec.tcp[0].route[0].destination.host: 'db' is short, and means 'db.demo.svc.cluster.local' because the resource stands in that namespace; write the whole name")]
    [InlineData("{hosts: [a.com], http: [{}], tcp: [{route: [{destination: {host: b.com}}]}]}",
        "4:30: spec.http: has no effect: HTTP is not parsed here; the tls and tcp routes count")]
    [InlineData("{hosts: [a.com], gateways: [gw], tcp: [{route: [{destination: {host: b.com}}]}]}",
        "4:34: spec.gateways: does not hold 'mesh', so the routes are for gateways and none of them is used here; add mesh, or remove the resource")]
    [InlineData("{hosts: [a.com], tcp: [{route: [{destination: {host: b.com}, weight: 1}, {destination: {host: c.com}, weight: 2}]}]}",
        "4:38: spec.tcp[0].route: has weights that make 3 together and are taken as shares of that; write shares of 100")]
    public void A_doubtful_one_is_accepted_with_a_warning(string spec, string expected)
    {
        Assert.Equal("", OneResource.Errors("VirtualService", spec));
        Assert.Equal(expected, OneResource.Warnings("VirtualService", spec));
    }
}
