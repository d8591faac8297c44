using System.Text;

namespace L4Proxy.Tests.Identity;

/// <summary>Every bad set and its words: file, what is wrong, what would do.</summary>
public sealed class RefusedIdentityTests : IDisposable
{
    private readonly DateTimeOffset _now = DateTimeOffset.UtcNow;
    private readonly IdentityDirectory _files;
    private readonly TestLeaf _leaf;

    public RefusedIdentityTests()
    {
        _files = new IdentityDirectory(_now);
        _leaf = _files.WriteGood();
    }

    public void Dispose() => _files.Dispose();

    [Fact]
    public void All_files_that_are_missing_are_said_at_once()
    {
        File.Delete(_files.File("cert-chain.pem"));
        File.Delete(_files.File("key.pem"));
        File.Delete(_files.File("root-cert.pem"));

        Expect(
            "identity.privateKey: key.pem does not exist; mount it there, or name the right file",
            "identity.certificate: cert-chain.pem does not exist; mount it there, or name the right file",
            "identity.trustBundle: root-cert.pem does not exist; mount it there, or name the right file");
    }

    [Fact]
    public void A_directory_is_no_file()
    {
        File.Delete(_files.File("key.pem"));
        Directory.CreateDirectory(_files.File("key.pem"));

        Expect("identity.privateKey: key.pem is a directory; name the file in it");
    }

    [Fact]
    public void A_file_of_more_than_a_mebibyte_is_another_one()
    {
        _files.Write("root-cert.pem", new byte[1024 * 1024 + 1]);

        Expect("identity.trustBundle: root-cert.pem is larger than 1 MiB, so it is probably another file; name the PEM file");
    }

    [Theory]
    [InlineData("", "is empty; write PEM into it")]
    [InlineData(" \r\n\n", "is empty; write PEM into it")]
    [InlineData("hello", "has no line '-----BEGIN ...-----', so it is not PEM; name the PEM file")]
    [InlineData("# one\n-----BEGIN CERTIFICATE-----\nMII", ":2: the CERTIFICATE that begins here has no '-----END CERTIFICATE-----'; the file is cut short or damaged, write it whole")]
    [InlineData("-----BEGIN CERTIFICATE-----\nMIIB\n-----BEGIN CERTIFICATE-----\n", ":1: the CERTIFICATE that begins here has no '-----END CERTIFICATE-----'; the file is cut short or damaged, write it whole")]
    [InlineData("-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----", ":1: the CERTIFICATE that begins here is not base64; the file is damaged, write it again")]
    [InlineData("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----", ":1: the CERTIFICATE that begins here is not base64; the file is damaged, write it again")]
    [InlineData("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----", ":1: the CERTIFICATE that begins here is damaged; write it again")]
    [InlineData("-----BEGIN CERTIFICATE-----MIIB-----END CERTIFICATE-----", ":1: the BEGIN line is not '-----BEGIN ...-----' on a line of its own; keep the line breaks of the PEM file")]
    [InlineData("MIIB\n-----END CERTIFICATE-----", ":2: an END line without its BEGIN line; write the block whole")]
    [InlineData("-----BEGIN TRUSTED CERTIFICATE-----\nMIIB\n-----END TRUSTED CERTIFICATE-----", ":1: a TRUSTED CERTIFICATE is OpenSSL's own form; convert it with 'openssl x509'")]
    [InlineData("-----BEGIN DH PARAMETERS-----\nMIIB\n-----END DH PARAMETERS-----", "has no CERTIFICATE in it; write at least one")]
    public void A_bundle_that_is_no_pem_says_so(string text, string error)
    {
        _files.Write("root-cert.pem", text);

        Expect($"identity.trustBundle: root-cert.pem{(error[0] == ':' ? "" : " ")}{error}");
    }

    [Fact]
    public void A_certificate_in_der_is_to_be_converted()
    {
        _files.Write("root-cert.pem", _files.Root.Certificate.RawData);

        Expect("identity.trustBundle: root-cert.pem is binary (DER or PKCS#12) and not PEM; "
            + "convert it with 'openssl x509 -inform DER -outform PEM', or with 'openssl pkcs12 -nodes'");
    }

    [Fact]
    public void Text_in_utf16_is_to_be_saved_as_ascii()
    {
        _files.Write("root-cert.pem", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(_files.Root.Pem)]);

        Expect("identity.trustBundle: root-cert.pem is not PEM: it contains NUL bytes; save it as plain text (ASCII, not UTF-16)");
    }

    [Fact]
    public void A_leaf_is_no_anchor()
    {
        _files.Write("root-cert.pem", _files.Root.Pem + "\n" + _leaf.Pem);

        var error = Assert.Single(_files.Problems(_now));
        Assert.Matches(
            @"^identity\.trustBundle: root-cert\.pem:\d+: the certificate of serial [0-9A-F]+ that begins here cannot be an anchor: it is not a CA certificate \(basicConstraints\); leave CA certificates only$",
            error);
    }

    [Fact]
    public void A_key_of_another_certificate_is_refused()
    {
        _files.Write("key.pem", _files.Intermediate.Issue().KeyPem);

        Expect("identity.privateKey: key.pem is not the key of any certificate in cert-chain.pem; write both from the same issue (if they are being replaced now, this passes)");
    }

    [Fact]
    public void An_encrypted_key_is_refused()
    {
        _files.Write("key.pem", _leaf.EncryptedKeyPem);

        Expect("identity.privateKey: key.pem:1: the key is encrypted, and there is nobody to ask for the passphrase; decrypt it with 'openssl pkey'");
    }

    [Fact]
    public void A_key_encrypted_the_old_way_is_refused()
    {
        _files.Write("key.pem", "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nMIIB\n-----END EC PRIVATE KEY-----\n");

        Expect("identity.privateKey: key.pem:1: the key is encrypted, and there is nobody to ask for the passphrase; decrypt it with 'openssl pkey'");
    }

    [Fact]
    public void A_key_of_a_kind_that_tls_cannot_use_here_is_refused()
    {
        // RFC 8410 §10.3.
        _files.Write("key.pem", "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----");

        Expect("identity.privateKey: key.pem:1: holds an Ed25519 key, which TLS cannot use here; use ECDSA P-256, another NIST curve, or RSA");
    }

    [Fact]
    public void A_damaged_key_is_refused_and_nothing_of_it_is_shown()
    {
        _files.Write("key.pem", "-----BEGIN EC PRIVATE KEY-----\nc2VjcmV0\n-----END EC PRIVATE KEY-----");

        Expect("identity.privateKey: key.pem:1: the EC PRIVATE KEY that begins here is damaged; write it again");
    }

    [Fact]
    public void No_key_or_two_keys_are_refused()
    {
        _files.Write("key.pem", _leaf.Pem);
        Expect("identity.privateKey: key.pem has no PRIVATE KEY in it; write the key of the certificate into it");

        _files.Write("key.pem", _leaf.KeyPem + "\n" + _leaf.KeyPem);
        Expect("identity.privateKey: key.pem:6: has 2 private keys, and it is not said which is meant; leave the one of the certificate");
    }

    [Fact]
    public void A_chain_without_its_intermediate_is_refused()
    {
        _files.Write("cert-chain.pem", _leaf.Pem);

        Expect($"identity.certificate: cert-chain.pem would be refused by every peer: {Detail()}; write the anchor of its issuer into root-cert.pem and the intermediates behind the leaf");
    }

    [Fact]
    public void A_bundle_of_another_root_is_refused()
    {
        _files.Write("root-cert.pem", TestAuthority.Root(_now, "other").Pem);

        Expect($"identity.certificate: cert-chain.pem would be refused by every peer: {Detail()}; write the anchor of its issuer into root-cert.pem and the intermediates behind the leaf");
    }

    [Fact]
    public void An_expired_certificate_is_refused()
    {
        _files.WriteGood(_files.Intermediate.Issue(from: _now.AddHours(-2), until: _now.AddHours(-1)));

        Expect($"identity.certificate: cert-chain.pem would be refused by every peer: {Detail()}; renew it");
        Assert.Contains("expired", Detail(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_that_is_not_valid_yet_says_from_when_it_is()
    {
        _files.WriteGood(_files.Intermediate.Issue(from: _now.AddHours(1)));

        Expect($"identity.certificate: cert-chain.pem would be refused by every peer: {Detail()}; it is taken as soon as it is valid; check the clock");
        Assert.Equal(_now.AddHours(1).ToUnixTimeSeconds(), new DateTimeOffset(_files.Load(_now).ValidFrom!.Value).ToUnixTimeSeconds());
    }

    [Fact]
    public void A_certificate_that_names_two_is_refused()
    {
        _files.WriteGood(_files.Intermediate.Issue(second: "spiffe://cluster.local/ns/demo/sa/other"));

        Expect("identity.certificate: cert-chain.pem would be refused by every peer: the leaf has 2 URI SANs, so whom it names is ambiguous; issue it as an X.509-SVID: one URI SAN, no CA, digitalSignature");
    }

    [Theory]
    [InlineData("1.3.6.1.5.5.7.3.1", "clientAuth")]
    [InlineData("1.3.6.1.5.5.7.3.2", "serverAuth")]
    public void A_certificate_for_one_end_only_is_refused(string purpose, string lacks)
    {
        _files.WriteGood(_files.Intermediate.Issue(purposes: purpose));

        Expect($"identity.certificate: cert-chain.pem would be refused by every peer: the leaf's extended key usage lacks {lacks}; issue it for serverAuth and clientAuth");
    }

    [Fact]
    public void A_certificate_of_another_trust_domain_is_refused()
    {
        _files.WriteGood(_files.Intermediate.Issue("spiffe://example.org/web"));
        Expect("identity.certificate: cert-chain.pem is of spiffe://example.org/web, but our trust domain is 'cluster.local'; "
            + "write 'workload: {trustDomain: example.org}', or a certificate of 'cluster.local'");

        _files.Options = _files.Options with { Identity = _files.Options.Identity with { TrustDomainAliases = ["example.org"] } };
        Assert.NotNull(_files.Load(_now).Generation);
    }

    [Fact]
    public void A_certificate_that_was_revoked_is_refused()
    {
        _files.UseRevocationList(_files.Root.RevocationList() + "\n" + _files.Intermediate.RevocationList(_leaf.Certificate));

        Expect($"identity.certificate: cert-chain.pem would be refused by every peer: {Detail()}; issue another, or write another bundle or revocation list");
        Assert.Contains("revoked", Detail(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_revocation_list_made_by_somebody_else_is_refused()
    {
        _files.UseRevocationList(TestAuthority.Root(_now).RevocationList());

        Expect("identity.crl: ca-crl.pem list 1 was not signed by the 'CN=root' we know, though it bears its name; write the list of that CA");
    }

    [Fact]
    public void A_revocation_list_that_is_none_is_refused()
    {
        _files.UseRevocationList(_files.Root.Pem);

        Expect("identity.crl: ca-crl.pem is not a usable revocation list: there is no revocation list in it (neither DER nor PEM of label X509 CRL); write complete lists in PEM");
    }

    [Fact]
    public void A_federated_bundle_that_is_not_good_is_refused_and_a_good_one_counts()
    {
        _files.UseFederatedBundle("other.org", "hello");
        Expect("identity.federatedBundles.other.org: other.org.pem has no line '-----BEGIN ...-----', so it is not PEM; name the PEM file");

        _files.UseFederatedBundle("other.org", TestAuthority.Root(_now, "other").Pem);
        Assert.Equal(2, _files.Load(_now).Generation!.Anchors.Count);
    }

    /// <summary>The verifier's own words, which are tested where they are made.</summary>
    private string Detail() => _files.Problems(_now)[0].Split("every peer: ")[1].Split("; ")[0];

    private void Expect(params string[] errors) => Assert.Equal(string.Join('\n', errors), string.Join('\n', _files.Problems(_now)));
}
