using System.Collections.Immutable;
using L4Proxy.Core.Policy;
using static L4Proxy.Core.Tests.Policy.Written;

namespace L4Proxy.Core.Tests.Policy;

/// <summary>Each field, positive and as not-field, with and without what it asks for.</summary>
public sealed class FieldTests
{
    private const string Web = "cluster.local/ns/shop/sa/web";

    [Theory]
    // Principals, compared as a whole.
    [InlineData("cluster.local/ns/shop/sa/web", Web, true)]
    [InlineData("cluster.local/ns/shop/sa/web", "cluster.local/ns/shop/sa/webb", false)]
    [InlineData("cluster.local/ns/shop/sa/web", "cluster.local/ns/shop/sa/we", false)]
    [InlineData("cluster.local/ns/shop/sa/web", "cluster.local/ns/shop/sa/Web", false)]
    [InlineData("cluster.local/ns/shop/sa/web", "elsewhere/ns/shop/sa/web", false)]
    [InlineData("spiffe://cluster.local/ns/shop/sa/web", Web, false)]
    // Prefix, suffix, presence; a star elsewhere is a letter.
    [InlineData("cluster.local/ns/shop/*", Web, true)]
    [InlineData("cluster.local/ns/shop/*", "cluster.local/ns/shopping/sa/web", false)]
    [InlineData("cluster.local/ns/shop*", "cluster.local/ns/shopping/sa/web", true)]
    [InlineData("elsewhere/ns/*", "elsewhere/ns/shop/sa/web", true)]
    [InlineData("*/sa/web", Web, true)]
    [InlineData("*/sa/web", "elsewhere/ns/any/sa/web", true)]
    [InlineData("*/sa/web", "cluster.local/ns/shop/sa/cobweb", false)]
    [InlineData("*web", "cluster.local/ns/shop/sa/cobweb", true)]
    [InlineData("*", Web, true)]
    [InlineData("*", "elsewhere", true)]
    [InlineData("cluster.local/ns/*/sa/web", Web, false)]
    [InlineData("cluster.local", "cluster.local", true)]
    [InlineData("cluster.local", Web, false)]
    // Nobody.
    [InlineData("*", null, false)]
    [InlineData("cluster.local/ns/shop/sa/web", null, false)]
    public void Principals(string pattern, string? peer, bool matches) =>
        Both(names => new() { Principals = names }, names => new() { NotPrincipals = names }, Names(pattern), From(peer), matches);

    [Theory]
    [InlineData("shop", Web, true)]
    [InlineData("shop", "elsewhere/ns/shop/sa/web", true)]
    [InlineData("shop", "cluster.local/ns/shopping/sa/web", false)]
    [InlineData("shop*", "cluster.local/ns/shopping/sa/web", true)]
    [InlineData("*op", Web, true)]
    [InlineData("*", Web, true)]
    [InlineData("web", Web, false)]
    // IDs of another form have no namespace.
    [InlineData("shop", "cluster.local/shop/web", false)]
    [InlineData("*", "cluster.local/ns/shop", false)]
    [InlineData("shop", "cluster.local/ns/shop/sa/web/extra", false)]
    [InlineData("*", null, false)]
    public void Namespaces(string pattern, string? peer, bool matches) =>
        Both(names => new() { Namespaces = names }, names => new() { NotNamespaces = names }, Names(pattern), From(peer), matches);

    [Theory]
    [InlineData("shop", "web", Web, true)]
    [InlineData("shop", "web", "elsewhere/ns/shop/sa/web", true)]
    [InlineData("shop", "web", "cluster.local/ns/shop/sa/cart", false)]
    [InlineData("other", "web", Web, false)]
    [InlineData("shop", "*", Web, false)]
    [InlineData("", "", Web, false)]
    [InlineData("shop", "web/extra", "cluster.local/ns/shop/sa/web/extra", false)]
    [InlineData("shop", "web", "cluster.local/ns/shop/sa/web/extra", false)]
    [InlineData("shop", "web", null, false)]
    public void Service_accounts(string names, string account, string? peer, bool matches) => Both(
        accounts => new() { ServiceAccounts = accounts }, accounts => new() { NotServiceAccounts = accounts },
        ImmutableArray.Create(new ServiceAccount(names, account)), From(peer), matches);

    [Theory]
    [InlineData("elsewhere", "elsewhere/ns/shop/sa/web", true)]
    [InlineData("elsewhere", "elsewhere", true)]
    [InlineData("elsewhere", Web, false)]
    [InlineData("else*", "elsewhere/x", true)]
    [InlineData("*where", "elsewhere/x", true)]
    [InlineData("*", "elsewhere/x", true)]
    [InlineData("cluster.local", Web, true)]
    [InlineData("*", null, false)]
    public void Trust_domains(string pattern, string? peer, bool matches) =>
        Both(names => new() { TrustDomains = names }, names => new() { NotTrustDomains = names }, Names(pattern), From(peer), matches);

    [Theory]
    [InlineData("db.shop", "db.shop", true)]
    [InlineData("db.shop", "db.shop.svc", false)]
    [InlineData("*.shop", "db.shop", true)]
    [InlineData("*.shop", "shop", false)]
    [InlineData("db.*", "db.shop", true)]
    [InlineData("*", "db.shop", true)]
    [InlineData("*", null, false)]
    [InlineData("*", "", false)]
    public void Server_names(string pattern, string? serverName, bool matches) => Both(
        names => new() { ServerNames = names }, names => new() { NotServerNames = names }, Names(pattern), From(null, serverName: serverName), matches);

    [Theory]
    [InlineData(8080, 8080, true)]
    [InlineData(8080, 8081, false)]
    [InlineData(65535, 65535, true)]
    public void Ports(int written, int port, bool matches) => Both(
        ports => new() { Ports = ports }, ports => new() { NotPorts = ports }, ImmutableArray.Create(1, written, 2), From(null, port: port), matches);

    [Theory]
    [InlineData("10.1.0.0/16", "10.1.2.3", true)]
    [InlineData("10.1.0.0/16", "10.2.0.0", false)]
    [InlineData("10.1.0.0/16", "10.0.255.255", false)]
    [InlineData("10.1.2.3/32", "10.1.2.3", true)]
    [InlineData("10.1.2.3/32", "10.1.2.2", false)]
    [InlineData("0.0.0.0/0", "255.255.255.255", true)]
    [InlineData("0.0.0.0/0", "fd00::1", false)]
    [InlineData("128.0.0.0/1", "128.0.0.0", true)]
    [InlineData("128.0.0.0/1", "127.255.255.255", false)]
    [InlineData("fd00::/8", "fd12::1", true)]
    [InlineData("fd00::/8", "fc00::1", false)]
    [InlineData("fd00::1/128", "fd00::1", true)]
    [InlineData("fd00::1/128", "fd00::2", false)]
    [InlineData("::/0", "fd00::2", true)]
    [InlineData("::/0", "10.1.2.3", false)]
    // A mapped address is that IPv4 address, whoever writes it so.
    [InlineData("10.1.0.0/16", "::ffff:10.1.2.3", true)]
    [InlineData("0.0.0.0/0", "::ffff:10.1.2.3", true)]
    [InlineData("::/0", "::ffff:10.1.2.3", false)]
    [InlineData("::ffff:10.1.0.0/112", "10.1.2.3", true)]
    [InlineData("::ffff:10.1.0.0/112", "::ffff:10.1.2.3", true)]
    [InlineData("::ffff:10.1.0.0/112", "10.2.2.3", false)]
    [InlineData("::ffff:0.0.0.0/96", "10.2.2.3", true)]
    [InlineData("::10.1.2.3/128", "10.1.2.3", false)]
    public void Networks_of_source_remote_and_destination(string network, string address, bool matches)
    {
        var networks = Networks(network);
        Both(values => new() { SourceNetworks = values }, values => new() { NotSourceNetworks = values }, networks, From(null, source: address, remote: "192.0.2.1"), matches);
        Both(values => new() { RemoteNetworks = values }, values => new() { NotRemoteNetworks = values }, networks, From(null, source: "192.0.2.1", remote: address), matches);
        Both(values => new() { RemoteNetworks = values }, values => new() { NotRemoteNetworks = values }, networks, From(null, source: address), matches);
        Both(
            values => new() { DestinationNetworks = values }, values => new() { NotDestinationNetworks = values }, networks,
            From(null, destination: address), matches);
    }

    [Fact]
    public void A_long_list_says_what_a_short_one_says()
    {
        var names = ImmutableArray.CreateRange(Enumerable.Range(0, 1000).Select(number => TextPattern.Parse($"cluster.local/ns/n{number}/*")));
        Assert.True(Matches(new() { Principals = names }, From("cluster.local/ns/n999/sa/web")));
        Assert.False(Matches(new() { Principals = names }, From("cluster.local/ns/n1000/sa/web")));
        Assert.False(Matches(new() { NotPrincipals = names, Ports = [8080] }, From("cluster.local/ns/n0/sa/web")));
        var networks = ImmutableArray.CreateRange(Enumerable.Range(0, 1000).SelectMany(number => Networks($"10.{number / 250}.{number % 250}.0/24")));
        Assert.True(Matches(new() { SourceNetworks = networks }, From(null, source: "10.3.249.1")));
        Assert.False(Matches(new() { SourceNetworks = networks }, From(null, source: "10.3.250.1")));
        Assert.True(Matches(new() { NotSourceNetworks = networks }, From(null, source: "10.4.0.1")));
    }

    // A not-field says the opposite of the positive one, always: also about what is not there.
    private static void Both<TValue>(
        Func<ImmutableArray<TValue>, PolicyMatch> positive, Func<ImmutableArray<TValue>, PolicyMatch> negative,
        ImmutableArray<TValue> values, AccessRequest request, bool matches)
    {
        Assert.Equal(matches, Matches(positive(values), request));
        Assert.Equal(!matches, Matches(negative(values), request));
    }
}
