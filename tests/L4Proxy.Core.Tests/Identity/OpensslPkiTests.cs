using L4Proxy.Core.Connections;
using L4Proxy.Core.Identity;

namespace L4Proxy.Core.Tests.Identity;

public sealed class OpensslPkiTests : IDisposable
{
    private readonly OpensslPki _pki = new();

    public void Dispose() => _pki.Dispose();

    [Fact]
    public void Certificates_and_lists_made_by_openssl_are_judged_as_openssl_does()
    {
        var (root, intermediate) = (_pki.Certificate("root"), _pki.Certificate("intermediate"));
        var now = _pki.Certificate("shop").NotBefore.ToUniversalTime().AddMinutes(1);
        var plain = Trust.In(root);
        Assert.True(Verdict(plain, "web").Accepted, Verdict(plain, "web").Detail);
        Assert.True(Verdict(plain, "shop").Accepted);
        Assert.True(Verdict(Trust.In(intermediate), "web").Accepted);
        // Not even openssl takes "any purpose" for the purpose of a TLS client.
        Assert.NotEqual(0, _pki.Run("openssl verify -CAfile root.pem -untrusted intermediate.pem -purpose sslclient any.pem").Code);
        Verdict(plain, "any").Says(CloseReason.TlsWrongEku, "clientAuth");

        var listed = Trust.Of([Trust.Bundle(Trust.Own, [root], List("root.crl"), List("intermediate.crl"))]);
        Assert.True(Verdict(listed, "web").Accepted, Verdict(listed, "web").Detail);
        Verdict(listed, "shop").Says(CloseReason.TlsRevoked, "is revoked by CN=intermediate");
        Assert.Contains("revoked", _pki.Run("cat root.crl intermediate.crl > both.crl; openssl verify -CAfile root.pem -untrusted intermediate.pem -CRLfile both.crl -crl_check_all shop.pem").Output, StringComparison.Ordinal);

        PeerVerdict Verdict(PeerVerifier verifier, string name) =>
            verifier.Verify(_pki.Certificate(name), [intermediate], PeerRole.Client, [Trust.Id($"spiffe://cluster.local/ns/demo/sa/{name}")], now);
    }

    private RevocationList List(string file) => Authority.Read(_pki.File(file));
}
