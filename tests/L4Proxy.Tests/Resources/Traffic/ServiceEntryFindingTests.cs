namespace L4Proxy.Tests.Resources.Traffic;

/// <summary>What is wrong or doubtful about one ServiceEntry by itself, word for word: the text is the user interface.</summary>
public sealed class ServiceEntryFindingTests
{
    [Theory]
    [InlineData("{}",
        "4:7: spec.ports: is missing; add at least one, such as ports: [{number: 443, name: tls, protocol: TLS}]\n4:7: spec.hosts: is missing; add it, such as hosts: [\"web.demo.svc.cluster.local\"]")]
    [InlineData("{hosts: [], ports: []}",
        "4:15: spec.hosts: is empty; name at least one, or remove the key\n4:26: spec.ports: is empty; write at least one, such as {number: 443, name: tls, protocol: TLS}")]
    [InlineData("{hosts: [\"*\"], ports: [{number: 443, name: tls, protocol: TLS}]}",
        "4:16: spec.hosts[0]: '*' stands for every name there is; write a name, or *.example.com for all names below one")]
    [InlineData("{hosts: [a.*.com], ports: [{number: 443, name: tls, protocol: TLS}]}",
        "4:16: spec.hosts[0]: 'a.*.com' is not a host: the star stands only at the beginning, as a part of its own; write a DNS name, or *.example.com for all names below one")]
    [InlineData("{hosts: [10.0.0.1], ports: [{number: 443, name: tls, protocol: TLS}]}",
        "4:16: spec.hosts[0]: '10.0.0.1' is not a host: it is an IP address; write a DNS name, or *.example.com for all names below one")]
    [InlineData("{hosts: [a_b.com], ports: [{number: 443, name: tls, protocol: TLS}]}",
        "4:16: spec.hosts[0]: 'a_b.com' is not a host: '_' cannot stand in a name; write a DNS name, or *.example.com for all names below one")]
    [InlineData("{hosts: [a..com], ports: [{number: 443, name: tls, protocol: TLS}]}",
        "4:16: spec.hosts[0]: 'a..com' is not a host: it has an empty part; write a DNS name, or *.example.com for all names below one")]
    [InlineData("{hosts: [a.com.], ports: [{number: 443, name: tls, protocol: TLS}]}",
        "4:16: spec.hosts[0]: 'a.com.' is not a host: it ends with a dot; write a DNS name, or *.example.com for all names below one")]
    [InlineData("{hosts: [a.com, A.com], ports: [{number: 443, name: tls, protocol: TLS}]}",
        "4:15: spec.hosts: has a name twice; write each once")]
    [InlineData("{hosts: a.com, ports: [{number: 443, name: tls, protocol: TLS}]}",
        "4:15: spec.hosts: is not a list; write [one, two] or lines that begin with '-'")]
    [InlineData("{host: [a.com], ports: [{number: 443, name: tls, protocol: TLS}]}",
        "4:7: spec.hosts: is missing; add it, such as hosts: [\"web.demo.svc.cluster.local\"]\n4:8: spec.host: unknown key; did you mean 'hosts'?")]
    [InlineData("{hosts: [a.com], ports: [{number: 70000, name: tls, protocol: TLS}]}",
        "4:41: spec.ports[0].number: '70000' is not a port; write a number from 1 to 65535")]
    [InlineData("{hosts: [a.com], ports: [{number: 443, name: TLS_1, protocol: TLS}]}",
        "4:52: spec.ports[0].name: 'TLS_1' is not a port name; use lower-case letters, digits and '-', at most 63")]
    [InlineData("{hosts: [a.com], ports: [{number: 443, protocol: TLS}]}",
        "4:32: spec.ports[0].name: is missing; add it, such as name: \"tls\"")]
    [InlineData("{hosts: [a.com], ports: [{number: 443, name: dns, protocol: UDP}]}",
        "4:67: spec.ports[0].protocol: 'UDP' is not TCP, and only TCP is captured; remove the port")]
    [InlineData("{hosts: [a.com], ports: [{number: 443, name: dns, protocol: HTPS}]}",
        "4:67: spec.ports[0].protocol: 'HTPS' is not accepted; did you mean 'HTTPS'?")]
    [InlineData("{hosts: [a.com], ports: [{number: 443, name: a, protocol: TLS}, {number: 443, name: a, protocol: TLS}]}",
        "4:80: spec.ports[1].number: 443 is the number of another port too; write each port once\n4:91: spec.ports[1].name: 'a' is the name of another port too; give each port its own")]
    [InlineData("{hosts: [a.com], ports: [{number: 443, name: tls, protocol: TLS}], addresses: [10.0.0.0/33]}",
        "4:86: spec.addresses[0]: '10.0.0.0/33' has no valid prefix length; write a number from 0 to 32 behind the slash")]
    [InlineData("{hosts: [a.com], ports: [{number: 443, name: tls, protocol: TLS}], addresses: [10.1]}",
        "4:86: spec.addresses[0]: '10.1' is neither an IP address nor a network; write one such as 10.1.2.3, 10.0.0.0/8 or 2001:db8::/32")]
    [InlineData("{hosts: [a.com], ports: [{number: 443, name: tls, protocol: TLS}], addresses: [10.0.0.0/8], resolution: DNS}",
        "4:85: spec.addresses: cannot hold a network with resolution DNS; write single addresses, or resolution: NONE or STATIC")]
    [InlineData("{hosts: [\"*.a.com\"], ports: [{number: 443, name: tls, protocol: TLS}], resolution: DNS}",
        "4:15: spec.hosts: a name with a star cannot be looked up; add endpoints, or write whole names, or resolution: NONE")]
    [InlineData("{hosts: [a.com], ports: [{number: 443, name: tls, protocol: TLS}], resolution: STATIC}",
        "4:86: spec.resolution: STATIC needs endpoints; add endpoints or a workloadSelector, or write DNS or NONE")]
    [InlineData("{hosts: [a.com], ports: [{number: 443, name: tls, protocol: TLS}], resolution: DNS_ROUND_ROBIN}",
        "4:86: spec.resolution: 'DNS_ROUND_ROBIN' is not supported: every address a name has is an endpoint here; write DNS")]
    [InlineData("{hosts: [a.com], ports: [{number: 443, name: tls, protocol: TLS}], resolution: static}",
        "4:86: spec.resolution: 'static' is not accepted; did you mean 'STATIC'?")]
    [InlineData("{hosts: [a.com], ports: [{number: 443, name: tls, protocol: TLS}], location: INSIDE}",
        "4:84: spec.location: 'INSIDE' is not accepted; known here: MESH_EXTERNAL, MESH_INTERNAL")]
    [InlineData("{hosts: [a.com], ports: [{number: 443, name: tls, protocol: TLS}], endpoints: [{address: 10.0.0.1}]}",
        "4:85: spec.endpoints: cannot be dialled with resolution NONE, where connections go where they were going; write resolution: STATIC (addresses) or DNS (names), or remove them")]
    [InlineData("{hosts: [a.com], ports: [{number: 443, name: tls, protocol: TLS}], resolution: STATIC, endpoints: [{address: 10.0.0.1}], workloadSelector: {labels: {app: web}}}",
        "4:146: spec.workloadSelector: cannot stand beside endpoints; keep one of them")]
    [InlineData("{hosts: [a.com], ports: [{number: 443, name: tls, protocol: TLS}], resolution: STATIC, endpoints: [{address: b.com}]}",
        "4:116: spec.endpoints[0].address: 'b.com' is not an IP address, and resolution is STATIC; write an IP address, or resolution: DNS")]
    [InlineData("{hosts: [a.com], ports: [{number: 443, name: tls, protocol: TLS}], resolution: STATIC, endpoints: [{address: \"unix:///run/x\"}]}",
        "4:116: spec.endpoints[0].address: 'unix:///run/x' is a Unix socket, and only TCP is dialled; write an IP address")]
    [InlineData("{hosts: [a.com], ports: [{number: 443, name: tls, protocol: TLS}], resolution: STATIC, endpoints: [{labels: {a: b}}]}",
        "4:106: spec.endpoints[0].address: is missing; add it, such as address: \"10.1.2.3\"")]
    [InlineData("{hosts: [a.com], ports: [{number: 443, name: tls, protocol: TLS}], resolution: STATIC, endpoints: [{address: 10.0.0.1, ports: {tsl: 8443}}]}",
        "4:134: spec.endpoints[0].ports.tsl: 'tsl' is not a port of the service; known here: tls")]
    [InlineData("{hosts: [a.com], ports: [{number: 443, name: tls, protocol: TLS}], resolution: STATIC, endpoints: [{address: 10.0.0.1, ports: {tls: 0}}]}",
        "4:139: spec.endpoints[0].ports.tls: '0' is not a port; write a number from 1 to 65535")]
    [InlineData("{hosts: [a.com], ports: [{number: 443, name: tls, protocol: TLS}], resolution: STATIC, endpoints: [{address: 10.0.0.1, weight: 0}]}",
        "4:134: spec.endpoints[0].weight: '0' is not accepted; write a whole number from 1 to 1000000")]
    [InlineData("{hosts: [a.com], ports: [{number: 443, name: tls, protocol: TLS}], resolution: STATIC, endpoints: [{address: 10.0.0.1, locality: a/b/c/d}]}",
        "4:136: spec.endpoints[0].locality: 'a/b/c/d' is not a locality; write region, region/zone or region/zone/subzone")]
    [InlineData("{hosts: [a.com], ports: [{number: 443, name: tls, protocol: TLS}], resolution: STATIC, endpoints: [{address: 10.0.0.1, serviceAccount: Web/x}]}",
        "4:142: spec.endpoints[0].serviceAccount: 'Web/x' is not a Kubernetes name; use lower-case letters, digits, '-' and '.', at most 253")]
    [InlineData("{hosts: [a.com], ports: [{number: 443, name: tls, protocol: TLS}], resolution: STATIC, endpoints: [{address: 10.0.0.1, labels: {\"a b\": c}}]}",
        "4:135: spec.endpoints[0].labels.a b: 'a b' is not a Kubernetes label key; write name or prefix/name")]
    [InlineData("{hosts: [a.com], ports: [{number: 443, name: tls, protocol: TLS}], subjectAltNames: [\"spiffe://x\"]}",
        "4:92: spec.subjectAltNames[0]: 'spiffe://x' names a trust domain and no workload; write its whole ID, such as spiffe://x/ns/shop/sa/web")]
    [InlineData("{hosts: [a.com], ports: [{number: 443, name: tls, protocol: TLS}], subjectAltNames: [\"*.a.com\"]}",
        "4:92: spec.subjectAltNames[0]: '*.a.com' has a star, and names of certificates are compared exactly; write the whole name")]
    [InlineData("{hosts: [a.com], ports: [{number: 443, name: tls, protocol: TLS}], exportTo: [\"*\", demo]}",
        "4:84: spec.exportTo: '*' and '~' say all there is to say; write one of them alone, or namespaces")]
    [InlineData("{hosts: [a.com], ports: [{number: 443, name: tls, protocol: TLS}], exportTo: [\"Demo\"]}",
        "4:85: spec.exportTo[0]: 'Demo' is not a Kubernetes name; use lower-case letters, digits, '-' and '.', at most 253")]
    [InlineData("{hosts: [a.com], ports: [{number: 443, name: tls, protocol: TLS}], resolution: DYNAMIC_DNS}",
        "4:86: spec.resolution: 'DYNAMIC_DNS' is not supported: names are not taken from what is sent; write NONE, or DNS for one name")]
    [InlineData("{hosts: [a.com], ports: {number: 443}}",
        "4:31: spec.ports: is not a list; write [one, two] or lines that begin with '-'")]
    [InlineData("{hosts: [a.com], ports: [{number: 443, name: tls, protocol: TLS}], endpoints: {address: 10.0.0.1}}",
        "4:85: spec.endpoints: is not a list; write [one, two] or lines that begin with '-'")]
    [InlineData("{hosts: [-a.com], ports: [{number: 443, name: tls, protocol: TLS}]}",
        "4:16: spec.hosts[0]: '-a.com' is not a host: its part '-a' begins or ends with '-'; write a DNS name, or *.example.com for all names below one")]
    [InlineData("{hosts: [a.com], ports: [{number: 443, name: tls, protocol: TLS}], resolution: STATIC, endpoints: [{address: &a 10.0.0.1}]}",
        "4:116: spec.endpoints[0].address: YAML anchors are not supported; write the value out where it is needed")]
    public void A_broken_service_entry_is_refused_at_the_right_place(string spec, string expected) =>
        Assert.Equal(expected, OneResource.Errors("ServiceEntry", spec));

    [Theory]
    [InlineData("{hosts: [web], ports: [{number: 443, name: tls, protocol: TLS}]}",
        "4:16: spec.hosts[0]: 'web' has no dot, and rules and routes that say 'web' mean a service of their own namespace; write a full name, such as web.demo.svc.cluster.local")]
    [InlineData("{hosts: [a.com], ports: [{number: 443, name: tls, protocol: TLS, targetPort: 8443}]}",
        "4:84: spec.ports[0].targetPort: has no effect with resolution NONE, where connections go where they were going; remove it")]
    [InlineData("{hosts: [a.com], ports: [{number: 443, name: tls, protocol: TLS}], addresses: [10.0.0.5/8]}",
        "4:86: spec.addresses[0]: '10.0.0.5/8' has bits set behind its prefix, which do not count; write 10.0.0.0/8")]
    [InlineData("{hosts: [a.com], ports: [{number: 443, name: tls, protocol: TLS}], workloadSelector: {labels: {app: web}}}",
        "4:92: spec.workloadSelector: has no effect with resolution NONE; write resolution: STATIC, or remove it")]
    [InlineData("{hosts: [a.com], ports: [{number: 443, name: tls, protocol: TLS}], resolution: STATIC, endpoints: [{address: 10.0.0.1, network: n1}]}",
        "4:135: spec.endpoints[0].network: networks are not told apart here, and the address is dialled as it is; make sure that it can be reached")]
    [InlineData("{hosts: [a.com], ports: [{number: 80, name: http, protocol: HTTP}]}",
        "4:7: spec.addresses: is missing, so every connection to port 80 that no other service's address covers is one to this service; add the addresses it is called by")]
    [InlineData("{hosts: [a.com, b.com], addresses: [10.0.0.1], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}",
        "4:15: spec.hosts: connections to port 80 do not say which of these names they are for, so all names share the same endpoints there; write a ServiceEntry for each")]
    public void A_doubtful_one_is_accepted_with_a_warning(string spec, string expected)
    {
        Assert.Equal("", OneResource.Errors("ServiceEntry", spec));
        Assert.Equal(expected, OneResource.Warnings("ServiceEntry", spec));
    }
}
