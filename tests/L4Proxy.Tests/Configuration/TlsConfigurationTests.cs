using L4Proxy.Configuration;
using L4Proxy.Core.Policy;

namespace L4Proxy.Tests.Configuration;

/// <summary>The keys about identity and TLS: what they mean, what they default to, and every mistake with its words.</summary>
public sealed class TlsConfigurationTests
{
    private const string Spiffe = "/var/run/secrets/workload-spiffe-credentials/";
    private const string Crl = "/var/run/secrets/istio/crl/ca-crl.pem";
    private const string Capture = "capture: {outbound: 15001, inbound: 15006}\n";
    private const string Files = Capture + "identity: {source: files, certificate: /c, privateKey: /k, trustBundle: /b}\n";

    [Fact]
    public void Every_value_can_be_set()
    {
        var options = Yaml.Options("""
            workload: {trustDomain: example.org}
            identity:
              source: files
              certificate: /certs/cert-chain.pem
              privateKey: /certs/key.pem
              trustBundle: /certs/root-cert.pem
              crl: /certs/ca-crl.pem
              trustDomainAliases: [old.local]
              federatedBundles: {other.org: /certs/other.pem}
            mesh:
              mtls: STRICT
              minTlsVersion: "1.2"
              peers:
                - {destination: 10.77.0.12/32, port: 8080, host: web.demo.svc.cluster.local, subset: v2, identities: ["spiffe://example.org/ns/demo/sa/web", "spiffe://other.org/x"]}
                - {destination: "2001:db8::/32"}
            capture: {outbound: 15001, inbound: 15006, proxyProtocol: {accept: [10.0.0.0/8, "::1/128"], send: v2}}
            forward:
              - {listen: "127.0.0.1:8001", upstream: "127.0.0.1:9000", tls: originate, peer: "spiffe://old.local/a", sni: "outbound_.9000_._.echo.default.svc.cluster.local"}
              - {listen: "0.0.0.0:9001", upstream: "127.0.0.1:8080", tls: terminate, peers: ["spiffe://example.org/a", "spiffe://example.org/b"], proxyProtocol: {send: v2}}
            """);

        Assert.Equal(
            (IdentitySource.Files, "/certs/cert-chain.pem", "/certs/key.pem", "/certs/root-cert.pem", "/certs/ca-crl.pem"),
            (options.Identity.Source, options.Identity.Certificate, options.Identity.PrivateKey, options.Identity.TrustBundle, options.Identity.Crl));
        Assert.Equal("old.local", Assert.Single(options.Identity.TrustDomainAliases));
        Assert.Equal("/certs/other.pem", Assert.Single(options.Identity.FederatedBundles, bundle => bundle.Key == "other.org").Value);
        Assert.Equal((MtlsMode.Strict, MinTlsVersion.Tls12), (options.Mesh.Mtls, options.Mesh.MinTlsVersion));
        Assert.Equal(
            ["10.77.0.12/32 8080 web.demo.svc.cluster.local v2 spiffe://example.org/ns/demo/sa/web spiffe://other.org/x", "2001:db8::/32    "],
            options.Mesh.Peers.Select(peer => $"{peer.Destination} {peer.Port} {peer.Host} {peer.Subset} {string.Join(' ', peer.Identities)}"),
            StringComparer.Ordinal);
        Assert.Equal("10.0.0.0/8 ::1/128", string.Join(' ', options.Capture.ProxyProtocol.Accept));
        Assert.Equal(ProxyProtocolVersion.V2, options.Capture.ProxyProtocol.Send);
        Assert.Equal(
            ["Originate spiffe://old.local/a outbound_.9000_._.echo.default.svc.cluster.local None", "Terminate spiffe://example.org/a spiffe://example.org/b  V2"],
            options.Forward.Select(forward => $"{forward.Tls} {string.Join(' ', forward.Peers)} {forward.Sni} {forward.ProxyProtocol.Send}"),
            StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("cert-chain.pem key.pem root-cert.pem", "cert-chain.pem key.pem root-cert.pem")]
    [InlineData("certificates.pem private_key.pem ca_certificates.pem", "certificates.pem private_key.pem ca_certificates.pem")]
    [InlineData("cert-chain.pem key.pem certificates.pem private_key.pem ca_certificates.pem", "certificates.pem private_key.pem ca_certificates.pem")]
    public void Files_where_istio_puts_them_are_taken_without_a_word(string present, string taken)
    {
        var options = Yaml.LoadBeside(Capture, [.. present.Split(' ').Select(name => Spiffe + name)]).Options!;

        Assert.Equal(IdentitySource.Files, options.Identity.Source);
        Assert.Equal(
            taken.Split(' ').Select(name => Spiffe + name), [options.Identity.Certificate, options.Identity.PrivateKey, options.Identity.TrustBundle], StringComparer.Ordinal);
        Assert.Equal((MtlsMode.Permissive, ""), (options.Mesh.Mtls, options.Identity.Crl));
    }

    [Fact]
    public void The_older_location_and_the_revocation_list_are_found_too()
    {
        var options = Yaml.LoadBeside(Capture, "/etc/certs/cert-chain.pem", "/etc/certs/key.pem", "/etc/certs/root-cert.pem", Crl).Options!;

        Assert.Equal(("/etc/certs/cert-chain.pem", Crl), (options.Identity.Certificate, options.Identity.Crl));
    }

    [Fact]
    public void An_incomplete_set_is_no_identity() =>
        Assert.Equal(IdentitySource.None, Yaml.LoadBeside(Capture, Spiffe + "cert-chain.pem", Spiffe + "key.pem").Options!.Identity.Source);

    [Fact]
    public void What_is_written_wins_over_what_is_found()
    {
        string[] found = [Spiffe + "cert-chain.pem", Spiffe + "key.pem", Spiffe + "root-cert.pem", Crl];

        var none = Yaml.LoadBeside(Capture + "identity: {source: none}", found).Options!;
        var other = Yaml.LoadBeside(Capture + "identity: {certificate: /c, privateKey: /k, trustBundle: /b}\nmesh: {mtls: DISABLE}", found).Options!;

        Assert.Equal((IdentitySource.None, "", MtlsMode.Disable), (none.Identity.Source, none.Identity.Certificate, none.Mesh.Mtls));
        // A revocation list goes with the anchors it belongs to, and these are others.
        Assert.Equal((IdentitySource.Files, "/c", "", MtlsMode.Disable), (other.Identity.Source, other.Identity.Certificate, other.Identity.Crl, other.Mesh.Mtls));
    }

    [Fact]
    public void Files_that_are_not_there_yet_are_expected_where_istio_would_put_them() =>
        Assert.Equal(Spiffe + "cert-chain.pem", Yaml.Options(Capture + "identity: {source: files}").Identity.Certificate);

    [Theory]
    // Without an identity
    [InlineData("mesh: {mtls: STRICT}", "2:14: mesh.mtls: 'STRICT' needs a certificate, and identity.source is none; write 'identity: {source: files, certificate: /..., privateKey: /..., trustBundle: /...}', or DISABLE")]
    [InlineData("mesh: {mtls: PERMISSIVE}", "2:14: mesh.mtls: 'PERMISSIVE' needs a certificate, and identity.source is none; write 'identity: {source: files, certificate: /..., privateKey: /..., trustBundle: /...}', or DISABLE")]
    [InlineData("mesh: {peers: [{destination: 10.0.0.0/8}]}", "2:15: mesh.peers: needs a certificate, and identity.source is none; write 'identity: {source: files, certificate: /..., privateKey: /..., trustBundle: /...}', or remove peers")]
    [InlineData("forward: [{listen: \"127.0.0.1:80\", upstream: \"10.0.0.1:80\", tls: terminate}]", "2:66: forward[0].tls: 'terminate' needs a certificate, and identity.source is none; write 'identity: {source: files, certificate: /..., privateKey: /..., trustBundle: /...}', or none")]
    [InlineData("identity: {source: none, certificate: /c}", "2:39: identity.certificate: has no effect because identity.source is none; write 'source: files' or remove it")]
    [InlineData("identity: {crl: /c}", "2:17: identity.crl: has no effect because identity.source is none; write 'source: files' or remove it")]
    [InlineData("identity: {trustDomainAliases: [a]}", "2:32: identity.trustDomainAliases: has no effect because identity.source is none; write 'source: files' or remove it")]
    [InlineData("identity: {federatedBundles: {a: /a}}", "2:30: identity.federatedBundles: has no effect because identity.source is none; write 'source: files' or remove it")]
    // The set of files
    [InlineData("identity: {certificate: /c, privateKey: /k}", "2:11: identity.trustBundle: is missing; certificate, privateKey and trustBundle belong together, write all three, or none for Istio's locations")]
    [InlineData("identity: {certificate: c, privateKey: /k, trustBundle: /b}", "2:25: identity.certificate: 'c' is not an absolute path; write one that begins with /")]
    [InlineData("identity: {source: vault}", "2:20: identity.source: 'vault' is not accepted; known here: files, istioCa, none, workloadApi")]
    [InlineData("mesh: {mtls: strict}", "2:14: mesh.mtls: 'strict' is not accepted; did you mean 'STRICT'?")]
    [InlineData("mesh: {minTlsVersion: 1.1}", "2:23: mesh.minTlsVersion: '1.1' is not accepted; did you mean '1.2'?")]
    public void One_mistake_is_one_error_at_its_place(string mistake, string error) =>
        Assert.Equal($"t.yaml:{error}", string.Join('\n', Yaml.Errors(Capture + mistake)));

    [Theory]
    // Trust domains
    [InlineData("workload: {trustDomain: a}\nidentity: {source: files, trustDomainAliases: [b, a]}", "3:51: identity.trustDomainAliases[1]: 'a' is our own trust domain (workload.trustDomain); remove it")]
    [InlineData("identity: {source: files, trustDomainAliases: [A]}", "2:48: identity.trustDomainAliases[0]: 'A' is not a SPIFFE trust domain; use lower-case letters, digits, '.', '-' and '_', at most 255, no spiffe://")]
    [InlineData("identity: {source: files, federatedBundles: {cluster.local: /x}}", "2:46: identity.federatedBundles.cluster.local: 'cluster.local' is our own trust domain (workload.trustDomain), whose anchors are in identity.trustBundle; remove it")]
    [InlineData("identity: {source: files, trustDomainAliases: [b], federatedBundles: {b: /x}}", "2:71: identity.federatedBundles.b: 'b' is one of trustDomainAliases, which are judged by our own bundle; name it in one of the two places")]
    [InlineData("identity: {source: files, federatedBundles: {b: x}}", "2:49: identity.federatedBundles.b: 'x' is not an absolute path; write one that begins with /")]
    [InlineData("identity: {source: files, federatedBundles: {\"spiffe://b\": /x}}", "2:46: identity.federatedBundles.spiffe://b: 'spiffe://b' is not a SPIFFE trust domain; use lower-case letters, digits, '.', '-' and '_', at most 255, no spiffe://")]
    public void A_trust_domain_has_one_bundle(string mistake, string error) =>
        Assert.Equal($"t.yaml:{error}", string.Join('\n', Yaml.Errors(Capture + mistake)));

    [Theory]
    [InlineData("{destination: 10.0.0.0/8, port: 65536}", "3:48: mesh.peers[0].port: '65536' is not a port; write a number from 1 to 65535")]
    [InlineData("{port: 1}", "3:16: mesh.peers[0].destination: is missing; add it, such as destination: \"10.0.0.0/8\"")]
    [InlineData("{destination: 10.0.0.1}", "3:30: mesh.peers[0].destination: '10.0.0.1' has no prefix length; write 10.0.0.1/32 for this address alone")]
    [InlineData("{destination: 10.0.0.1/8}", "3:30: mesh.peers[0].destination: '10.0.0.1/8' has bits set behind its prefix; write 10.0.0.0/8, or 10.0.0.1/32 for this address alone")]
    [InlineData("{destination: \"::/129\"}", "3:30: mesh.peers[0].destination: '::/129' has no valid prefix length; write a number from 0 to 128 behind the slash")]
    [InlineData("{destination: 10.1/16}", "3:30: mesh.peers[0].destination: '10.1/16' is not a network; write an address and a prefix length, such as 10.0.0.0/8 or 2001:db8::/32")]
    [InlineData("{destination: web}", "3:30: mesh.peers[0].destination: 'web' is not a network; write an address and a prefix length, such as 10.0.0.0/8 or 2001:db8::/32")]
    [InlineData("{destination: 10.0.0.0/8, subset: v1}", "3:50: mesh.peers[0].subset: has no effect without host: both go into the server name; add host or remove subset")]
    [InlineData("{destination: 10.0.0.0/8, host: a, subset: a.b}", "3:59: mesh.peers[0].subset: 'a.b' is not a subset; use letters, digits, '-' and '_', at most 62")]
    [InlineData("{destination: 10.0.0.0/8, identities: []}", "3:54: mesh.peers[0].identities: is empty; name at least one, or remove the key to let in whoever has a certificate of a trusted domain")]
    [InlineData("{destination: 10.0.0.0/8, identities: [web]}", "3:55: mesh.peers[0].identities[0]: 'web' is not a SPIFFE ID: it does not begin with spiffe://; write one such as spiffe://cluster.local/ns/shop/sa/web")]
    [InlineData("{destination: 10.0.0.0/8, identities: [\"spiffe://cluster.local\"]}", "3:55: mesh.peers[0].identities[0]: 'spiffe://cluster.local' names a trust domain and no workload; write its whole ID, such as spiffe://cluster.local/ns/shop/sa/web")]
    [InlineData("{destination: 10.0.0.0/8, identities: [\"spiffe://b/x\"]}", "3:55: mesh.peers[0].identities[0]: no bundle is configured for the trust domain 'b', so nobody of it can be believed; add it to identity.federatedBundles, or to trustDomainAliases if it is our own by another name")]
    [InlineData("{destination: 10.0.0.0/8}, {destination: 10.1.0.0/16, port: 80}", "3:43: mesh.peers[1]: is never reached because mesh.peers[0] (10.0.0.0/8) matches first; move it up or remove it")]
    public void A_mesh_peer_says_what_is_wrong_with_it(string peers, string error) =>
        Assert.Equal($"t.yaml:{error}", string.Join('\n', Yaml.Errors($"{Files}mesh: {{peers: [{peers}]}}")));

    [Theory]
    [InlineData("tls: none, peer: \"spiffe://cluster.local/a\"", "forward[0].peer: has no effect without TLS, so anybody would be let in; write 'tls: terminate' or 'tls: originate', or remove it")]
    [InlineData("peers: [\"spiffe://cluster.local/a\"]", "forward[0].peers: has no effect without TLS, so anybody would be let in; write 'tls: terminate' or 'tls: originate', or remove it")]
    [InlineData("tls: terminate, peers: []", "forward[0].peers: is empty; name at least one, or remove the key to let in whoever has a certificate of a trusted domain")]
    [InlineData("tls: terminate, peer: \"spiffe://cluster.local/a\", peers: [\"spiffe://cluster.local/b\"]", "forward[0].peers: cannot stand beside peer; write all of them under peers and remove peer")]
    [InlineData("tls: terminate, peer: \"spiffe://cluster.local/a/\"", "forward[0].peer: 'spiffe://cluster.local/a/' is not a SPIFFE ID: it ends in a slash; write one such as spiffe://cluster.local/ns/shop/sa/web")]
    [InlineData("tls: originate, peer: \"spiffe://b/x\"", "forward[0].peer: no bundle is configured for the trust domain 'b', so nobody of it can be believed; add it to identity.federatedBundles, or to trustDomainAliases if it is our own by another name")]
    [InlineData("tls: terminate, sni: web", "forward[0].sni: has no effect: a server name is sent only when originating; write 'tls: originate' or remove it")]
    [InlineData("tls: orginate", "forward[0].tls: 'orginate' is not accepted; did you mean 'originate'?")]
    [InlineData("proxyProtocol: {send: v1}", "forward[0].proxyProtocol.send: 'v1' is not accepted; did you mean 'v2'?")]
    [InlineData("proxyProtocol: {accept: [\"::ffff:10.0.0.0/104\"]}", "forward[0].proxyProtocol.accept[0]: '::ffff:10.0.0.0/104' is not a network; write an address and a prefix length, such as 10.0.0.0/8 or 2001:db8::/32")]
    [InlineData("tls: originate, sni: 10.0.0.1", "forward[0].sni: '10.0.0.1' is an address, and TLS sends only names; write a name, or remove the key to send none")]
    [InlineData("tls: originate, sni: \"::1\"", "forward[0].sni: '::1' is an address, and TLS sends only names; write a name, or remove the key to send none")]
    [InlineData("tls: originate, sni: foo..bar", "forward[0].sni: 'foo..bar' is not a server name: it has an empty part; write parts of 1 to 63 characters with dots between them")]
    [InlineData("tls: originate, sni: foo.", "forward[0].sni: 'foo.' is not a server name: it has an empty part; write parts of 1 to 63 characters with dots between them")]
    [InlineData("tls: originate, sni: \"-a.b\"", "forward[0].sni: '-a.b' is not a server name: the part '-a' begins with '-'; write parts of 1 to 63 characters with dots between them")]
    [InlineData("tls: originate, sni: müsli", "forward[0].sni: 'müsli' is not a server name; use letters, digits, '-', '_' and '.', and other letters as xn--...")]
    [InlineData("tls: originate, sni: a123456789012345678901234567890123456789012345678901234567890123", "forward[0].sni: 'a123456789012345678901234567890123456789012345678901234567890123' is not a server name: the part 'a123456789012345678901234567890123456789012345678901234567890123' is longer than 63; write parts of 1 to 63 characters with dots between them")]
    public void A_forward_says_what_is_wrong_with_it(string keys, string error)
    {
        var errors = Yaml.Load($"{Files}forward: [{{listen: \"127.0.0.1:80\", upstream: \"10.0.0.1:80\", {keys}}}]").Errors;

        Assert.Equal(error, string.Join('\n', errors.Select(each => $"{each.Path}: {each.Message}")));
        Assert.All(errors, each => Assert.Equal(3, each.Line));
    }

    [Theory]
    [InlineData("capture: {outbound: 1}", "mesh: {mtls: STRICT}", "mesh.mtls: 'STRICT' has no effect without capture.inbound: it is demanded there; add inbound, or write 'tls: terminate' in the forward it is meant for")]
    [InlineData("capture: {outbound: 1}", "mesh: {mtls: PERMISSIVE}", "")]
    [InlineData("capture: {inbound: 1}", "mesh: {peers: [{destination: 10.0.0.0/8}]}", "mesh.peers: has no effect without capture.outbound: only what is captured there is secured; add outbound or remove peers")]
    public void What_would_secure_nothing_is_refused(string capture, string mesh, string error) => Assert.Equal(
        error,
        string.Join('\n', Yaml.Load($"{capture}\nidentity: {{source: files}}\n{mesh}").Errors.Select(each => $"{each.Path}: {each.Message}")));

    [Fact]
    public void A_summary_says_what_tls_will_do() => Assert.StartsWith(
        "outbound capture on 127.0.0.1:15001, inbound capture (redirect, mTLS PERMISSIVE) on *:15006, "
        + "forward by mTLS with spiffe://cluster.local/a to 127.0.0.1:9000 on 127.0.0.1:8001, forward of mTLS by anyone of a trusted domain to 127.0.0.1:9000 on 127.0.0.1:8002, "
        + "metrics on *:15020, metrics on *:15090, health on *:15021, admin on 127.0.0.1:15000; "
        + "identity from /c, TLS 1.3 or newer, outbound by mTLS to 10.0.0.0/8 port 80, 10.0.0.0/8; at most ",
        ConfigurationSummary.Of(Yaml.Options(Files + """
            mesh: {peers: [{destination: 10.0.0.0/8, port: 80}, {destination: 10.0.0.0/8}]}
            forward:
              - {listen: "127.0.0.1:8001", upstream: "127.0.0.1:9000", tls: originate, peer: "spiffe://cluster.local/a"}
              - {listen: "127.0.0.1:8002", upstream: "127.0.0.1:9000", tls: terminate}
            """), Yaml.OpenFiles),
        StringComparison.Ordinal);
}
