using System.Collections.Immutable;
using System.Net;
using L4Proxy.Core.Routing;

namespace L4Proxy.Core.Tests.Routing;

public sealed class UpdateTests
{
    private const string Address = "10.96.0.10:80";
    private static readonly Service _web = Mesh.Service("web.demo", "10.96.0.10", "10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4");
    private static readonly Service _other = Mesh.Service("other.demo", "10.96.0.11", "10.0.1.1");

    [Fact]
    public void What_is_the_same_object_keeps_its_cluster()
    {
        var before = Mesh.Registry([_web, _other]);
        var cluster = before.Route(Address).Cluster;

        var after = Mesh.Registry([_web, Mesh.Service("new.demo", "10.96.0.12", "10.0.2.1")], before: before);

        Assert.Same(cluster, after.Route(Address).Cluster);
        Assert.Equal("Unknown", after.ClusterAt("10.96.0.11:80"));
        Assert.Equal("Unknown", after.ClusterAt("10.0.1.1:80"));
        Assert.Equal("new.demo:80", after.ClusterAt("10.96.0.12:80"));
        Assert.Equal("new.demo:80", after.ClusterAt("10.0.2.1:80"));
        Assert.Equal("other.demo:80", before.ClusterAt("10.96.0.11:80"));
    }

    [Fact]
    public void A_changed_service_keeps_its_quota_and_the_state_of_the_endpoints_that_stay()
    {
        var before = Mesh.Registry([_web, _other]);
        var cluster = before.Route(Address).Cluster!;
        cluster.Quota.TryEnter(5, 0, () => { }, out _);
        var (bad, busy) = (cluster.Endpoints[0], cluster.Endpoints[2]);
        Assert.True(bad.Failed(0) | bad.Failed(0) | bad.Failed(0));
        busy.Began();

        var changed = _web with { Endpoints = [Mesh.Endpoint("10.0.0.9"), Mesh.Endpoint("10.0.0.3") with { Weight = 2 }, Mesh.Endpoint("10.0.0.1")] };
        var after = Mesh.Registry([changed, _other], before: before);
        var endpoints = after.Route(Address).Cluster!.Endpoints.ToArray();

        Assert.Same(cluster.Quota, after.Route(Address).Cluster!.Quota);
        Assert.Equal(["10.0.0.9:80", "10.0.0.3:80", "10.0.0.1:80"], endpoints.Select(endpoint => endpoint.Address.ToString()).ToList());
        Assert.Equal([0, 1, 0], endpoints.Select(endpoint => endpoint.Active));
        Assert.Equal([0L, 0L, 9_999L], endpoints.Select(endpoint => endpoint.EjectedFor(1)));
        Assert.Equal(RouteKind.Unknown, after.Route("10.0.0.2:80").Kind);
        busy.Ended();
        Assert.Equal(0, endpoints[1].Active);
    }

    [Fact]
    public void When_endpoints_go_no_more_than_half_of_the_rest_stay_ejected()
    {
        var before = Mesh.Registry([_web]);
        foreach (var bad in before.Route(Address).Cluster!.Endpoints[..2])
        {
            Assert.True(bad.Failed(0) | bad.Failed(0) | bad.Failed(0));
        }

        var after = Mesh.Registry([_web with { Endpoints = _web.Endpoints[..3] }], before: before);

        Assert.Equal(1, after.Route(Address).Cluster!.Endpoints.ToArray().Count(endpoint => endpoint.EjectedFor(1) > 0));
        Assert.Equal(1, after.EjectedEndpoints(1));
    }

    [Fact]
    public void The_turn_goes_on_where_it_was()
    {
        DestinationRule[] rules = [Mesh.Rule("web.demo", LoadBalancer.RoundRobin)];
        var before = Mesh.Registry([_web], rules);
        var first = before.Route(Address).Cluster!.Choose()!.Address;

        var after = Mesh.Registry([_web with { Origin = _web.Origin.At(9) }], rules, before: before);

        Assert.Equal(["10.0.0.1:80", "10.0.0.2:80"], [first.ToString(), after.Route(Address).Cluster!.Choose()!.Address.ToString()]);
    }

    [Fact]
    public void A_rule_that_comes_changes_or_goes_reaches_the_services_it_is_for_and_no_others()
    {
        var registry = Mesh.Registry([_web, _other]);
        var (web, other) = (registry.Route(Address).Cluster!, registry.Route("10.96.0.11:80").Cluster!);
        web.Endpoints[0].Began();
        var rule = Mesh.Rule("web.demo", new TrafficPolicy { ConnectionPool = new() { MaxConnections = 3 } });

        foreach (var (rules, limit) in new (DestinationRule[], int?)[] { ([rule], 3), ([Mesh.Rule("*.demo", rule.Policy with { ConnectionPool = new() { MaxConnections = 4 } })], 4), ([], null) })
        {
            registry = Mesh.Registry([_web, _other], rules, before: registry);
            Assert.Equal(limit, registry.Route(Address).Cluster!.Policy.ConnectionPool?.MaxConnections);
            Assert.Equal(1, registry.Route(Address).Cluster!.Endpoints[0].Active);
            Assert.Equal(ReferenceEquals(registry.Route("10.96.0.11:80").Cluster, other), limit == 3);
        }
    }

    [Fact]
    public void Virtual_services_come_change_and_go()
    {
        var routes = Mesh.Routes("web.demo", Mesh.To("other.demo"));
        var first = Mesh.Registry([_web, _other]);
        var second = Mesh.Registry([_web, _other], routes: [routes, Mesh.Routes("192.0.2.0/24", Mesh.To("other.demo"))], before: first);
        var third = Mesh.Registry([_web, _other], before: second);

        Assert.Equal(["web.demo:80", "other.demo:80", "web.demo:80"], new[] { first, second, third }.Select(registry => registry.ClusterAt(Address)).ToList());
        Assert.Equal(["Unknown", "other.demo:80", "Unknown"], new[] { first, second, third }.Select(registry => registry.ClusterAt("192.0.2.1:80")).ToList());
    }

    [Fact]
    public void Workload_entries_come_and_go_in_the_services_that_select_them()
    {
        var service = Mesh.Service("web.demo", "10.96.0.10") with { Selector = new(Mesh.Labels("app", "web")) };
        var foreign = Mesh.Service("web.shop", "10.96.0.11", space: "shop") with { Selector = new(Mesh.Labels("app", "web")) };
        var (one, two, three) = (Mesh.Entry("one", "10.0.0.1", "app", "web"), Mesh.Entry("two", "10.0.0.2", "app", "web"), Mesh.Entry("three", "10.0.0.3", "app", "db"));
        var registry = Mesh.Registry([service, foreign], workloads: [one, three]);
        var endpoint = registry.Route(Address).Cluster!.Endpoints[0];
        endpoint.Began();
        Assert.Equal(["10.0.0.1:80"], registry.Route(Address).Cluster!.Addresses());

        registry = Mesh.Registry([service, foreign], workloads: [one, two, three], before: registry);
        Assert.Equal(["10.0.0.1:80", "10.0.0.2:80"], registry.Route(Address).Cluster!.Addresses());
        Assert.Equal(1, registry.Route(Address).Cluster!.Endpoints[0].Active);
        Assert.Equal(RouteKind.OriginalDestination, registry.Route("10.0.0.2:80").Kind);

        registry = Mesh.Registry([service with { Origin = service.Origin.At(7) }, foreign], workloads: [two, three], before: registry);
        Assert.Equal(["10.0.0.2:80"], registry.Route(Address).Cluster!.Addresses());
        Assert.Equal(RouteKind.Unknown, registry.Route("10.0.0.1:80").Kind);
        Assert.Equal(0, registry.Route("10.96.0.11:80").Cluster!.EndpointCount);
    }

    [Fact]
    public void For_another_workload_or_place_everything_is_seen_anew_and_state_is_kept()
    {
        var hidden = _other with { ExportTo = ["shop"] };
        var before = Mesh.Registry([_web, hidden]);
        before.Route(Address).Cluster!.Endpoints[1].Began();

        var moved = Mesh.Registry([_web, hidden], before: before, locality: "eu/a");
        var foreign = Mesh.Registry([_web, hidden], before: moved, workload: Mesh.Workload with { Namespace = "shop" });

        Assert.Equal(["Unknown", "Unknown", "other.demo:80"], new[] { before, moved, foreign }.Select(registry => registry.ClusterAt("10.96.0.11:80")).ToList());
        Assert.All([moved, foreign], registry => Assert.Equal(1, registry.Route(Address).Cluster!.Endpoints[1].Active));
    }

    [Fact]
    public void Names_that_DNS_must_answer_are_those_of_visible_services()
    {
        var named = Mesh.Service("db.demo", "10.96.0.20", "db1.example.com 192.0.2.9 db2.example.com") with { Resolution = Resolution.Dns };
        var itself = Mesh.Service("api.example.com", "", port: 443).Tls() with { Resolution = Resolution.Dns };
        var hidden = Mesh.Service("x.shop", "", "x.example.com") with { Resolution = Resolution.Dns, ExportTo = ["shop"] };

        var registry = Mesh.Registry([named, itself, hidden]);

        Assert.Equal(["api.example.com", "db1.example.com", "db2.example.com"], registry.DnsNames.Order(StringComparer.Ordinal).ToList());
        Assert.Equal(["192.0.2.9:80"], registry.Route("10.96.0.20:80").Cluster!.Addresses());
    }

    [Fact]
    public void Resolved_addresses_become_endpoints_and_those_that_stay_keep_their_state()
    {
        var service = Mesh.Service("db.demo", "10.96.0.20", "db.example.com") with { Resolution = Resolution.Dns };
        var registry = Mesh.Registry([service]);
        var cluster = registry.Route("10.96.0.20:80").Cluster!;
        Assert.Equal(0, cluster.EndpointCount);

        registry.Resolved("DB.example.com", Ips("192.0.2.1 2001:db8::1"));
        registry.Resolved("unknown.example.com", Ips("192.0.2.77"));
        Assert.Equal(["192.0.2.1:80", "[2001:db8::1]:80"], cluster.Addresses().Order(StringComparer.Ordinal).ToList());
        var stays = cluster.Endpoints.ToArray().Single(endpoint => endpoint.Address.Address.Equals(IPAddress.Parse("192.0.2.1")));
        stays.Began();

        var after = Mesh.Registry([service, _web], before: registry);
        after.Resolved("db.example.com", Ips("192.0.2.3 192.0.2.1 192.0.2.1"));

        Assert.Same(cluster, after.Route("10.96.0.20:80").Cluster);
        Assert.Equal(["192.0.2.1:80 1", "192.0.2.3:80 0"], cluster.Endpoints.ToArray().Select(endpoint => $"{endpoint.Address} {endpoint.Active}").Order(StringComparer.Ordinal).ToList());
    }

    [Fact]
    public void A_name_that_is_no_longer_needed_is_forgotten()
    {
        var service = Mesh.Service("db.demo", "10.96.0.20", "db.example.com") with { Resolution = Resolution.Dns };
        var registry = Mesh.Registry([service]);
        registry.Resolved("db.example.com", Ips("192.0.2.1"));

        registry = Mesh.Registry([_web], before: registry);
        registry = Mesh.Registry([service], before: registry);

        Assert.Equal(0, registry.Route("10.96.0.20:80").Cluster!.EndpointCount);
    }

    [Fact]
    public void Random_sequences_of_updates_end_like_building_from_scratch()
    {
        var random = new Random(42);
        Service[] services = [.. Enumerable.Range(0, 60).Select(number => Random(number))];
        var registry = Mesh.Registry(services);
        for (var round = 0; round < 200; round++)
        {
            var next = services.Where(_ => random.Next(20) > 0).Select(service => random.Next(10) == 0 ? Random(random.Next(80)) : service)
                .Append(Random(random.Next(80))).DistinctBy(service => service.Hosts[0], StringComparer.Ordinal).ToArray();
            DestinationRule[] rules = [.. Enumerable.Range(0, 80).Where(_ => random.Next(4) == 0)
                .Select(number => Mesh.Rule($"s{number}.demo", new TrafficPolicy { ConnectionPool = new() { MaxConnections = random.Next(1, 9) } }, "r" + number))];
            registry = Mesh.Registry(next, rules, before: registry);
            var scratch = Mesh.Registry(next, rules);
            foreach (var number in Enumerable.Range(0, 80))
            {
                foreach (var destination in new[] { $"10.96.0.{number}:80", $"10.0.{number}.1:80", $"10.0.{number}.3:80" })
                {
                    Assert.Equal(Words(scratch.Route(destination)), Words(registry.Route(destination)));
                }
            }
            services = next;
        }

        Service Random(int number) => Mesh.Service(
            $"s{number}.demo", $"10.96.0.{number}", string.Join(' ', Enumerable.Range(1, random.Next(1, 4)).Select(last => $"10.0.{number}.{last}")));

        static string Words(RouteDecision decision) =>
            $"{decision.Kind} {decision.Cluster?.Name} {decision.Cluster?.Policy.ConnectionPool?.MaxConnections} {string.Join(' ', decision.Cluster?.Addresses() ?? [])}";
    }

    private static ImmutableArray<IPAddress> Ips(string addresses) => [.. addresses.Split(' ').Select(IPAddress.Parse)];
}
