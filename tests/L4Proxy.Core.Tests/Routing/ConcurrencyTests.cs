using System.Net;
using L4Proxy.Core.Routing;

namespace L4Proxy.Core.Tests.Routing;

public sealed class ConcurrencyTests
{
    [Fact]
    public async Task Connections_that_route_through_updates_and_answers_of_DNS_leave_nothing_behind()
    {
        Service[] services =
        [
            Mesh.Service("web.demo", "10.96.0.10", "10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4"),
            Mesh.Service("db.demo", "10.96.0.11", "db.example.com") with { Resolution = Resolution.Dns },
        ];
        var registry = Mesh.Registry(services);
        registry.Resolved("db.example.com", [IPAddress.Parse("192.0.2.1"), IPAddress.Parse("192.0.2.2")]);
        var used = Clusters(registry).SelectMany(cluster => cluster.Endpoints.ToArray()).ToList();
        using var stop = new CancellationTokenSource();
        using var calling = new CountdownEvent(4);

        var callers = Enumerable.Range(0, 4).Select(caller => Task.Run(() =>
        {
            var connections = 0;
            while (!stop.IsCancellationRequested)
            {
                foreach (var cluster in Clusters(Volatile.Read(ref registry)))
                {
                    Assert.True(cluster.Quota.TryEnter(0, 0, () => { }, out _));
                    var endpoint = cluster.Choose(connections);
                    endpoint?.Began();
                    if (connections % 5 == caller)
                    {
                        endpoint?.Failed(connections);
                    }
                    else
                    {
                        endpoint?.Succeeded();
                    }
                    endpoint?.Ended();
                    cluster.Quota.Leave(0);
                }
                if (connections++ == 0)
                {
                    calling.Signal();
                }
            }
            return connections;
        }, CancellationToken.None)).ToList();
        // All of them must be at it: the updates take less time than starting a thread may.
        calling.Wait();

        for (var round = 0; round < 500; round++)
        {
            var web = services[0] with { Endpoints = [.. Enumerable.Range(1, 1 + (round % 4)).Select(last => Mesh.Endpoint($"10.0.0.{last}"))] };
            var next = Mesh.Registry([web, services[1]], before: registry);
            next.Resolved("db.example.com", [IPAddress.Parse("192.0.2.1"), IPAddress.Parse($"192.0.2.{round % 9}")]);
            Volatile.Write(ref registry, next);
        }
        registry = Mesh.Registry(services, before: registry);
        await stop.CancelAsync();

        Assert.All(await Task.WhenAll(callers), connections => Assert.True(connections > 0));
        Assert.All(Clusters(registry), cluster => Assert.Equal(0, cluster.Quota.Active));
        Assert.All(used.Concat(Clusters(registry).SelectMany(cluster => cluster.Endpoints.ToArray())), endpoint => Assert.Equal(0, endpoint.Active));
        Assert.Same(used[0].State, Clusters(registry)[0].Endpoints[0].State);
    }

    [Fact]
    public void Threads_that_need_a_cluster_at_once_get_one_state()
    {
        for (var round = 0; round < 200; round++)
        {
            var registry = Mesh.Registry([Mesh.Service("web.demo", "10.96.0.10", "10.0.0.1 10.0.0.2")]);
            var clusters = new Cluster?[8];

            Parallel.For(0, clusters.Length, index => clusters[index] = registry.Route("10.96.0.10:80").Cluster);

            Assert.Single(clusters.Distinct());
        }
    }

    [Fact]
    public void To_route_allocates_nothing()
    {
        var routes = Mesh.Routes("web.demo", Mesh.To(("v2.demo", 1), ("web.demo", 1))) with { Tls = [Mesh.To("v2.demo").If(Mesh.Sni("*.x"))] };
        var registry = Mesh.Registry(
            [Mesh.Service("web.demo", "10.96.0.10 fd00::10", "10.0.0.1"), Mesh.Service("v2.demo", "10.0.0.0/8", "10.1.0.2"), Mesh.Service("*.example.com", "", port: 443).Tls()],
            routes: [routes, Mesh.Routes("*.other", Mesh.To("web.demo"))]);
        // Not by wildcard of a server name: to look for a dot in a span allocates until it has been compiled for the second time.
        RouteRequest[] requests =
        [
            Mesh.Request("10.96.0.10:80"), Mesh.Request("[fd00::10]:80", "a.x"), Mesh.Request("10.0.0.1:80"), Mesh.Request("10.200.0.1:80"),
            Mesh.Request("[::ffff:10.96.0.10]:80"), Mesh.Request("192.0.2.1:99"),
        ];
        Route();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var turn = 0; turn < 100; turn++)
        {
            Route();
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Route()
        {
            foreach (ref readonly var request in requests.AsSpan())
            {
                registry.Route(request);
                registry.NeedsServerName(request.Destination);
            }
        }
    }

    private static List<Cluster> Clusters(Registry registry) => [registry.Route("10.96.0.10:80").Cluster!, registry.Route("10.96.0.11:80").Cluster!];
}
