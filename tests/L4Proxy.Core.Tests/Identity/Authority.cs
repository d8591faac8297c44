using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using L4Proxy.Core.Identity;

namespace L4Proxy.Core.Tests.Identity;

/// <summary>A CA made for one test: its certificate, its key, and what it signs. All times are around <see cref="Now"/>.</summary>
internal sealed class Authority
{
    public static readonly DateTime Now = new(2026, 11, 21, 12, 0, 0, DateTimeKind.Utc);

    private static long _serial = 1000;

    private Authority(X509Certificate2 certificate, AsymmetricAlgorithm key)
    {
        Certificate = certificate;
        Key = key;
        Signer = SignerOf(key);
    }

    public X509Certificate2 Certificate { get; }

    public AsymmetricAlgorithm Key { get; }

    /// <summary>Makes its signatures; replaced by a test that wants others than the usual.</summary>
    public X509SignatureGenerator Signer { get; init; }

    public static Authority Root(string name = "CN=root", AsymmetricAlgorithm? key = null, Action<CertificateShape>? change = null)
    {
        key ??= ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var shape = CertificateShape.SigningCertificate(name, key);
        change?.Invoke(shape);
        return new Authority(shape.Sign(new X500DistinguishedName(name), SignerOf(key), NextSerial()), key);
    }

    public Authority WithSigner(X509SignatureGenerator signer) => new(Certificate, Key) { Signer = signer };

    public Authority Intermediate(string name = "CN=intermediate", AsymmetricAlgorithm? key = null, Action<CertificateShape>? change = null)
    {
        key ??= ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var shape = CertificateShape.SigningCertificate(name, key);
        change?.Invoke(shape);
        return new Authority(shape.Sign(Certificate.SubjectName, Signer, NextSerial()), key);
    }

    public X509Certificate2 Leaf(string id = "spiffe://cluster.local/ns/demo/sa/web", Action<CertificateShape>? change = null)
    {
        var shape = CertificateShape.Leaf(id);
        change?.Invoke(shape);
        return shape.Sign(Certificate.SubjectName, Signer, NextSerial());
    }

    /// <summary>DER.</summary>
    public byte[] List(IEnumerable<X509Certificate2> revoked, DateTime? nextUpdate = null, DateTime? thisUpdate = null, HashAlgorithmName? hash = null)
    {
        var builder = new CertificateRevocationListBuilder();
        foreach (var certificate in revoked)
        {
            builder.AddEntry(certificate, At(Now.AddHours(-1)), X509RevocationReason.KeyCompromise);
        }
        using var issuer = Key is RSA rsa ? Certificate.CopyWithPrivateKey(rsa) : Certificate.CopyWithPrivateKey((ECDsa)Key);
        return builder.Build(
            issuer, 1, At(nextUpdate ?? Now.AddHours(1)), hash ?? HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1, At(thisUpdate ?? Now.AddHours(-1)));
    }

    public RevocationList Revokes(params X509Certificate2[] certificates) => Read(List(certificates));

    public static RevocationList Read(byte[] file)
    {
        Assert.True(RevocationList.TryParse(file, out var lists, out var problem), problem);
        return Assert.Single(lists);
    }

    private static X509SignatureGenerator SignerOf(AsymmetricAlgorithm key) => key is RSA rsa
        ? X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pkcs1)
        : X509SignatureGenerator.CreateForECDsa((ECDsa)key);

    private static DateTimeOffset At(DateTime utc) => new(utc);

    private static byte[] NextSerial() => new BigInteger(Interlocked.Increment(ref _serial)).ToByteArray(isUnsigned: false, isBigEndian: true);
}
