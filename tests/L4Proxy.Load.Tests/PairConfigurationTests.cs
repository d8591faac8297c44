using System.Net;
using L4Proxy.Load.Certificates;
using L4Proxy.Load.Contenders;

namespace L4Proxy.Load.Tests;

public sealed class PairConfigurationTests : IDisposable
{
    private static readonly MeshCredentials s_mesh = new(Named("originating"), Named("terminating"), Named("impostor"));

    private readonly Site _site = new(
        Directory.CreateTempSubdirectory("l4p-load-").FullName, IPEndPoint.Parse("127.0.0.1:1001"), IPEndPoint.Parse("127.0.1.1:1002"), [1003, 1004, 1005]);

    [Theory]
    [InlineData("l4proxy-mtls", "l4proxy.yaml")]
    [InlineData("haproxy-mtls", "haproxy.cfg")]
    [InlineData("haproxy-mtls-64k", "haproxy.cfg")]
    [InlineData("nginx-mtls", "nginx.conf")]
    public void Each_half_has_its_own_certificate_and_nobody_has_the_impostors(string name, string file)
    {
        var (originating, terminating) = Texts(name, file);

        Assert.Contains("/originating/", originating, StringComparison.Ordinal);
        Assert.DoesNotContain("/terminating/", originating, StringComparison.Ordinal);
        Assert.Contains("/terminating/", terminating, StringComparison.Ordinal);
        Assert.DoesNotContain("/originating/", terminating, StringComparison.Ordinal);
        Assert.DoesNotContain("impostor", originating + terminating, StringComparison.Ordinal);
    }

    [Fact]
    public void Our_pair_names_the_other_ends_identity_and_sends_the_same_name_as_the_peers()
    {
        var (originating, terminating) = Texts("l4proxy-mtls", "l4proxy.yaml");

        Assert.Contains(
            $"tls: originate, peer: \"spiffe://terminating\", sni: \"{MeshCredentials.ServerName}\"", originating, StringComparison.Ordinal);
        Assert.Contains("tls: terminate, peers: [\"spiffe://originating\"]", terminating, StringComparison.Ordinal);
    }

    [Fact]
    public void A_single_proxy_is_told_nothing_about_tls()
    {
        foreach (var name in ContenderCatalog.Names.Where(name => name != ContenderCatalog.Direct))
        {
            var chain = ContenderCatalog.Create([name], "l4proxy", s_mesh)[0];
            var launch = Assert.Single(chain.Hops).Prepare(_site);

            Assert.DoesNotContain("spiffe", File.ReadAllText(launch.Arguments[^1]), StringComparison.Ordinal);
            Assert.DoesNotContain("ssl", File.ReadAllText(launch.Arguments[^1]), StringComparison.Ordinal);
        }
    }

    public void Dispose() => Directory.Delete(_site.Directory, recursive: true);

    private static Credentials Named(string name) => new($"spiffe://{name}", $"/{name}/chain", $"/{name}/key", $"/{name}/both", $"/{name}/root");

    private (string Originating, string Terminating) Texts(string name, string file)
    {
        var hops = ContenderCatalog.Create([name], "l4proxy", s_mesh)[0].Hops;
        Assert.Equal(2, hops.Count);
        return (Text(hops[0]), Text(hops[1]));

        string Text(IContender contender)
        {
            _ = contender.Prepare(_site);
            return File.ReadAllText(Path.Combine(_site.Directory, file));
        }
    }
}
