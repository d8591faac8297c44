using System.Collections.Immutable;
using L4Proxy.Core.Routing;

namespace L4Proxy.Core.Tests.Routing;

public sealed class LocalityTests
{
    private static readonly string[] _places = ["us/x/1", "eu/b/1", "eu/a/2", "", "asia/y/1", "eu/a/1"];

    [Theory]
    [InlineData("eu/a/1", "eu/a/1")]
    [InlineData("eu/a", "eu/a/1 eu/a/2")]
    [InlineData("eu", "eu/a/1 eu/a/2 eu/b/1")]
    [InlineData("eu/c/1", "eu/a/1 eu/a/2 eu/b/1")]
    [InlineData("us/x/9", "us/x/1")]
    [InlineData("africa/z/1", "us/x/1 eu/b/1 eu/a/2 none asia/y/1 eu/a/1")]
    [InlineData("", "us/x/1 eu/b/1 eu/a/2 none asia/y/1 eu/a/1")]
    public void The_nearest_endpoints_are_used(string here, string nearest) => Assert.Equal(Sorted(nearest), Used(Cluster(here)));

    [Fact]
    public void Further_away_it_goes_when_the_nearer_ones_are_ejected_or_tried()
    {
        var cluster = Cluster("eu/a/1", failover: "us");
        var tried = new List<UpstreamEndpoint>();

        string[] order = ["eu/a/1", "eu/a/2", "eu/b/1", "us/x/1"];
        foreach (var place in order)
        {
            Assert.Equal(place, Used(cluster, [.. tried]));
            tried.Add(cluster.Endpoints.ToArray().Single(endpoint => endpoint.Locality.ToString() == place));
        }
        Assert.Equal("asia/y/1 none", Used(cluster, [.. tried]));

        var near = cluster.Endpoints[0];
        Assert.True(near.Failed(0) | near.Failed(0) | near.Failed(0));
        Assert.Equal("eu/a/2", Used(cluster));
    }

    [Fact]
    public void When_all_in_reach_are_ejected_the_nearest_of_them_is_used()
    {
        var cluster = Cluster("eu/a/1");
        var near = cluster.Endpoints[0];
        Assert.True(near.Failed(0) | near.Failed(0) | near.Failed(0));

        Assert.Equal("eu/a/1", Used(cluster, [.. cluster.Endpoints[1..]]));
    }

    [Fact]
    public void Switched_off_all_are_the_same() => Assert.Equal(Sorted("us/x/1 eu/b/1 eu/a/2 none asia/y/1 eu/a/1"), Used(Cluster("eu/a/1", isAware: false)));

    private static string Used(Cluster cluster, params UpstreamEndpoint[] tried) => string.Join(' ', Enumerable.Range(0, 300)
        .Select(_ => cluster.Choose(now: 1, tried: tried)!.Locality.ToString() is { Length: > 0 } place ? place : "none").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    private static string Sorted(string places) => string.Join(' ', places.Split(' ').Order(StringComparer.Ordinal));

    private static Cluster Cluster(string here, bool isAware = true, string? failover = null)
    {
        var endpoints = _places.Select((place, index) => Mesh.Endpoint($"10.0.0.{index + 1}") with { Locality = place.Length == 0 ? default : Locality.Parse(place) });
        var service = Mesh.Service("web.demo", "10.96.0.10") with { Endpoints = [.. endpoints] };
        var to = new[] { failover }.OfType<string>().ToImmutableDictionary(_ => "eu", StringComparer.Ordinal);
        var balancing = new LoadBalancing(LoadBalancer.Random, isAware, to, 1);
        return Mesh.Registry([service], [Mesh.Rule("web.demo", new TrafficPolicy { LoadBalancing = balancing })], locality: here).Route("10.96.0.10:80").Cluster!;
    }
}
