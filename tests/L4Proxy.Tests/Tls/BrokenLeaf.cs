namespace L4Proxy.Tests.Tls;

/// <summary>A peer nobody may believe, by what is wrong with it.</summary>
internal static class BrokenLeaf
{
    public static Leaf Make(TestPki pki, string problem) => problem switch
    {
        "expired" => pki.Issue("expired", new() { From = TimeSpan.FromHours(-2), To = TimeSpan.FromMinutes(-1) }),
        "not yet valid" => pki.Issue("early", new() { From = TimeSpan.FromMinutes(30) }),
        "another root" => pki.IssueByOtherRoot("stranger"),
        "another trust domain" => pki.Issue("abroad", trustDomain: "other.org"),
        "two URIs" => pki.Issue("twins", new() { Uris = [TestPki.IdOf("twins"), TestPki.IdOf("admin")] }),
        "no name" => pki.Issue("nameless", new() { Uris = [] }),
        "DNS name only" => pki.Issue("dns", new() { Uris = [], Dns = "web.demo.svc.cluster.local" }),
        "not a SPIFFE ID" => pki.Issue("https", new() { Uris = ["https://cluster.local/ns/demo/sa/https"] }),
        "an authority" => pki.Issue("authority", new() { IsAuthority = true }),
        "for servers only" => pki.Issue("server-only", new() { Usages = [LeafRequest.ServerAuth] }),
        "for clients only" => pki.Issue("client-only", new() { Usages = [LeafRequest.ClientAuth] }),
        "revoked" => pki.Revoked,
        _ => throw new ArgumentException($"no leaf is known that is {problem}", nameof(problem)),
    };
}
