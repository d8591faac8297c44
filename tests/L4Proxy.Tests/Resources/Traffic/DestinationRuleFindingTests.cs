namespace L4Proxy.Tests.Resources.Traffic;

/// <summary>What is wrong or doubtful about one DestinationRule by itself, word for word: the text is the user interface.</summary>
public sealed class DestinationRuleFindingTests
{
    [Theory]
    [InlineData("{}",
        "4:7: spec.host: is missing; add it, such as host: \"web.demo.svc.cluster.local\"")]
    [InlineData("{host: \"*\"}",
        "4:14: spec.host: '*' stands for every name there is; write a name, or *.example.com for all names below one")]
    [InlineData("{host: a.com, trafficPolicy: {}}",
        "4:36: spec.trafficPolicy: says nothing; write loadBalancer, connectionPool, outlierDetection, tls or portLevelSettings, or remove it")]
    [InlineData("{host: a.com, trafficPolicy: {loadBalancer: {simple: ROUNDROBIN}}}",
        "4:60: spec.trafficPolicy.loadBalancer.simple: 'ROUNDROBIN' is not accepted; did you mean 'ROUND_ROBIN'?")]
    [InlineData("{host: a.com, trafficPolicy: {loadBalancer: {simple: RANDOM, consistentHash: {useSourceIp: true}}}}",
        "4:84: spec.trafficPolicy.loadBalancer.consistentHash: cannot stand beside simple; keep one of them")]
    [InlineData("{host: a.com, trafficPolicy: {loadBalancer: {consistentHash: {httpHeaderName: x}}}}",
        "4:85: spec.trafficPolicy.loadBalancer.consistentHash.httpHeaderName: looks into HTTP, which is never parsed here; write useSourceIp: true")]
    [InlineData("{host: a.com, trafficPolicy: {loadBalancer: {consistentHash: {}}}}",
        "4:68: spec.trafficPolicy.loadBalancer.consistentHash.useSourceIp: is not set, and nothing else can be hashed at layer 4; write useSourceIp: true")]
    [InlineData("{host: a.com, trafficPolicy: {loadBalancer: {localityLbSetting: {distribute: [{from: a, to: {b: 1}}]}}}}",
        "4:84: spec.trafficPolicy.loadBalancer.localityLbSetting.distribute: shares between localities are not supported; remove it, or use failover")]
    [InlineData("{host: a.com, trafficPolicy: {loadBalancer: {localityLbSetting: {failover: [{from: a/b, to: a}, {from: x, to: x}]}}}}",
        "4:90: spec.trafficPolicy.loadBalancer.localityLbSetting.failover[0].from: 'a/b' is not a region; write its name without zone\n4:117: spec.trafficPolicy.loadBalancer.localityLbSetting.failover[1].to: 'x' is where it comes from; name another region")]
    [InlineData("{host: a.com, trafficPolicy: {loadBalancer: {simple: RANDOM, warmup: {duration: 5s}}}}",
        "4:76: spec.trafficPolicy.loadBalancer.warmup: slow start is not supported: an endpoint gets its share at once; remove it")]
    [InlineData("{host: a.com, trafficPolicy: {connectionPool: {}}}",
        "4:53: spec.trafficPolicy.connectionPool: says nothing; write tcp, or remove it")]
    [InlineData("{host: a.com, trafficPolicy: {connectionPool: {tcp: {maxConnections: 0}}}}",
        "4:76: spec.trafficPolicy.connectionPool.tcp.maxConnections: '0' is not accepted; write a whole number from 1 to 2147483647")]
    [InlineData("{host: a.com, trafficPolicy: {connectionPool: {tcp: {connectTimeout: 5}}}}",
        "4:76: spec.trafficPolicy.connectionPool.tcp.connectTimeout: '5' has no unit; write 5s for seconds, or use ms, m or h")]
    [InlineData("{host: a.com, trafficPolicy: {connectionPool: {tcp: {connectTimeout: 1d}}}}",
        "4:76: spec.trafficPolicy.connectionPool.tcp.connectTimeout: '1d' is not a duration; write numbers with units, such as 250ms, 1.5s, 5m or 1h30m")]
    [InlineData("{host: a.com, trafficPolicy: {connectionPool: {tcp: {connectTimeout: 10us}}}}",
        "4:76: spec.trafficPolicy.connectionPool.tcp.connectTimeout: '10us' is shorter than a millisecond; write at least 1ms")]
    [InlineData("{host: a.com, trafficPolicy: {connectionPool: {tcp: {connectTimeout: 2000h}}}}",
        "4:76: spec.trafficPolicy.connectionPool.tcp.connectTimeout: '2000h' is too long; timers stop at 49 days, so write at most 1176h")]
    [InlineData("{host: a.com, trafficPolicy: {connectionPool: {tcp: {idleTimeout: 5s}}}}",
        "4:73: spec.trafficPolicy.connectionPool.tcp.idleTimeout: cannot be set for one destination; remove it and set timeouts.idle of the configuration")]
    [InlineData("{host: a.com, trafficPolicy: {connectionPool: {tcp: {tcpKeepalive: {probes: 200, time: 100h}}}}}",
        "4:83: spec.trafficPolicy.connectionPool.tcp.tcpKeepalive.probes: '200' is not accepted; write a whole number from 1 to 127\n4:94: spec.trafficPolicy.connectionPool.tcp.tcpKeepalive.time: '100h' is longer than the kernel allows; write at most 32767s")]
    [InlineData("{host: a.com, trafficPolicy: {outlierDetection: {consecutive5xxErrors: -1}}}",
        "4:78: spec.trafficPolicy.outlierDetection.consecutive5xxErrors: '-1' is not accepted; write a whole number from 0 to 2147483647")]
    [InlineData("{host: a.com, trafficPolicy: {outlierDetection: {maxEjectionPercent: 101}}}",
        "4:76: spec.trafficPolicy.outlierDetection.maxEjectionPercent: '101' is not accepted; write a whole number from 0 to 100")]
    [InlineData("{host: a.com, trafficPolicy: {tls: {}}}",
        "4:42: spec.trafficPolicy.tls.mode: is missing; add it, such as mode: \"SIMPLE\"")]
    [InlineData("{host: a.com, trafficPolicy: {tls: {mode: simple}}}",
        "4:49: spec.trafficPolicy.tls.mode: 'simple' is not accepted; did you mean 'SIMPLE'?")]
    [InlineData("{host: a.com, trafficPolicy: {tls: {mode: MUTUAL}}}",
        "4:42: spec.trafficPolicy.tls.clientCertificate: is missing, and mode MUTUAL needs it; add it, such as clientCertificate: /etc/certs/client.pem\n4:42: spec.trafficPolicy.tls.privateKey: is missing, and mode MUTUAL needs it; add it, such as privateKey: /etc/certs/key.pem")]
    [InlineData("{host: a.com, trafficPolicy: {tls: {mode: SIMPLE, clientCertificate: /a.pem}}}",
        "4:76: spec.trafficPolicy.tls.clientCertificate: is not shown with mode SIMPLE; remove it, or write mode: MUTUAL")]
    [InlineData("{host: a.com, trafficPolicy: {tls: {mode: ISTIO_MUTUAL, caCertificates: /a.pem}}}",
        "4:79: spec.trafficPolicy.tls.caCertificates: cannot be chosen with mode ISTIO_MUTUAL, which uses the identity of the mesh; remove it, or write mode: MUTUAL")]
    [InlineData("{host: a.com, trafficPolicy: {tls: {mode: DISABLE, sni: a.com}}}",
        "4:63: spec.trafficPolicy.tls.sni: has no meaning with mode DISABLE; remove it, or write another mode")]
    [InlineData("{host: a.com, trafficPolicy: {tls: {mode: SIMPLE, credentialName: x, insecureSkipVerify: true}}}",
        "4:73: spec.trafficPolicy.tls.credentialName: secrets of Kubernetes are not read; mount the secret and name its files, with clientCertificate, privateKey, caCertificates\n4:96: spec.trafficPolicy.tls.insecureSkipVerify: the server is always verified; remove it, and name its authority with caCertificates or its names with subjectAltNames")]
    [InlineData("{host: a.com, trafficPolicy: {tls: {mode: SIMPLE, caCertificates: a.pem}}}",
        "4:73: spec.trafficPolicy.tls.caCertificates: 'a.pem' is not an absolute path; write one that begins with /")]
    [InlineData("{host: a.com, trafficPolicy: {tls: {mode: ISTIO_MUTUAL, subjectAltNames: [a.com]}}}",
        "4:81: spec.trafficPolicy.tls.subjectAltNames[0]: 'a.com' is not a SPIFFE ID: it does not begin with spiffe://; write one such as spiffe://cluster.local/ns/shop/sa/web")]
    [InlineData("{host: a.com, trafficPolicy: {tunnel: {protocol: CONNECT}}}",
        "4:45: spec.trafficPolicy.tunnel: tunnels through a proxy are not supported; remove it")]
    [InlineData("{host: a.com, trafficPolicy: {portLevelSettings: [{port: {number: 80}, tls: {mode: DISABLE}}, {port: {number: 80}, tls: {mode: DISABLE}}]}}",
        "4:108: spec.trafficPolicy.portLevelSettings[1].port: port 80 has settings already; write them in one place")]
    [InlineData("{host: a.com, trafficPolicy: {portLevelSettings: [{tls: {mode: DISABLE}}]}}",
        "4:57: spec.trafficPolicy.portLevelSettings[0].port: is missing; add it, such as port: {number: 443}")]
    [InlineData("{host: a.com, subsets: [{labels: {a: b}}]}",
        "4:31: spec.subsets[0].name: is missing; add it, such as name: \"v1\"")]
    [InlineData("{host: a.com, subsets: [{name: v1}, {name: v1}]}",
        "4:50: spec.subsets[1].name: 'v1' is the name of another subset too; give each its own")]
    [InlineData("{host: a.com, subsets: [{name: v.1}]}",
        "4:38: spec.subsets[0].name: 'v.1' is not a subset; use letters, digits, '-' and '_', at most 62")]
    [InlineData("{host: a.com, trafficPolicy: {proxyProtocol: {version: V2}}}",
        "4:52: spec.trafficPolicy.proxyProtocol: is not supported toward services; remove it, or use proxyProtocol.send of a forward in the configuration")]
    [InlineData("{host: a.com, trafficPolicy: {connectionPool: {tcp: {maxConnectionDuration: 5s}}}}",
        "4:83: spec.trafficPolicy.connectionPool.tcp.maxConnectionDuration: is not supported: connections live until an end closes them; remove it")]
    [InlineData("{host: a.com, trafficPolicy: {connectionPool: {tcp: {connectTimeout: \"\"}}}}",
        "4:76: spec.trafficPolicy.connectionPool.tcp.connectTimeout: is empty; write numbers with units, such as 250ms, 1.5s, 5m or 1h30m")]
    [InlineData("{host: a.com, trafficPolicy: {outlierDetection: {interval: .5}}}",
        "4:66: spec.trafficPolicy.outlierDetection.interval: '.5' has no unit; write .5s for seconds, or use ms, m or h")]
    public void A_broken_destination_rule_is_refused_at_the_right_place(string spec, string expected) =>
        Assert.Equal(expected, OneResource.Errors("DestinationRule", spec));

    [Theory]
    [InlineData("{host: web}",
        "4:14: spec.host: 'web' is short, and means 'web.demo.svc.cluster.local' because the resource stands in that namespace; write the whole name")]
    [InlineData("{host: a.com, trafficPolicy: {loadBalancer: {consistentHash: {useSourceIp: true, maglev: {tableSize: 5}}}}}",
        "4:96: spec.trafficPolicy.loadBalancer.consistentHash.maglev: has no effect: there is one kind of hash, and its table is as large as it must be; remove it")]
    [InlineData("{host: a.com, trafficPolicy: {connectionPool: {http: {http1MaxPendingRequests: 1}}}}",
        "4:60: spec.trafficPolicy.connectionPool.http: has no effect: HTTP is not parsed here; limit connections under tcp")]
    [InlineData("{host: a.com, trafficPolicy: {outlierDetection: {maxEjectionPercent: 100, minHealthPercent: 20, consecutiveErrors: 2}}}",
        "4:76: spec.trafficPolicy.outlierDetection.maxEjectionPercent: 100 counts as 50: never more than half of the endpoints are ejected; write at most 50\n4:99: spec.trafficPolicy.outlierDetection.minHealthPercent: has no effect: ejection never goes beyond maxEjectionPercent, and never beyond half; remove it\n4:122: spec.trafficPolicy.outlierDetection.consecutiveErrors: is an old name; write consecutive5xxErrors")]
    public void A_doubtful_one_is_accepted_with_a_warning(string spec, string expected)
    {
        Assert.Equal("", OneResource.Errors("DestinationRule", spec));
        Assert.Equal(expected, OneResource.Warnings("DestinationRule", spec));
    }
}
