using System.Collections.Immutable;
using L4Proxy.Configuration;
using L4Proxy.Identity;
using L4Proxy.Tests.Configuration;

namespace L4Proxy.Tests.Identity;

/// <summary>The files of an identity in a directory of their own, and a CA with an intermediate to fill them.</summary>
internal sealed class IdentityDirectory : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public IdentityDirectory(DateTimeOffset now)
    {
        Root = TestAuthority.Root(now);
        Intermediate = Root.Intermediate();
        Options = new ProxyOptions
        {
            Identity = new IdentityOptions
            {
                Source = IdentitySource.Files,
                Certificate = File("cert-chain.pem"),
                PrivateKey = File("key.pem"),
                TrustBundle = File("root-cert.pem"),
            },
        };
    }

    public TestAuthority Root { get; }

    public TestAuthority Intermediate { get; }

    public ProxyOptions Options { get; set; }

    public void UseRevocationList(string pem) => Options = Options with { Identity = Options.Identity with { Crl = Write("ca-crl.pem", pem) } };

    public void UseFederatedBundle(string domain, string pem) => Options = Options with
    {
        Identity = Options.Identity with { FederatedBundles = ImmutableSortedDictionary<string, string>.Empty.Add(domain, Write($"{domain}.pem", pem)) },
    };

    public string File(string name) => _directory.File(name);

    public string Write(string name, string text)
    {
        System.IO.File.WriteAllText(File(name), text);
        return File(name);
    }

    public void Write(string name, byte[] bytes) => System.IO.File.WriteAllBytes(File(name), bytes);

    /// <summary>Leaf and intermediate, key and root.</summary>
    public TestLeaf WriteGood(TestLeaf? leaf = null)
    {
        leaf ??= Intermediate.Issue();
        Write("cert-chain.pem", leaf.Pem + "\n" + Intermediate.Pem);
        Write("key.pem", leaf.KeyPem);
        Write("root-cert.pem", Root.Pem);
        return leaf;
    }

    public IdentityResult Load(DateTimeOffset now) => new IdentityLoader(Options).Load(IdentityFiles.Read(Options.Identity), 1, now.UtcDateTime);

    /// <summary>What is wrong, with short names of files.</summary>
    public string[] Problems(DateTimeOffset now)
    {
        var result = Load(now);
        Assert.Null(result.Generation);
        return [.. result.Problems.Select(problem => problem.Replace(File("") + "/", "", StringComparison.Ordinal))];
    }

    public void Dispose() => _directory.Dispose();
}
