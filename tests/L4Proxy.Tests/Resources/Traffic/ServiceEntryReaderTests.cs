using System.Net;
using L4Proxy.Core.Resources;
using L4Proxy.Core.Routing;
using L4Proxy.Resources.Traffic;

namespace L4Proxy.Tests.Resources.Traffic;

public sealed class ServiceEntryReaderTests
{
    private const string Full = """

          hosts: [Web.demo.svc.cluster.local]
          addresses: [10.1.2.3, 2001:DB8::/32, "::ffff:10.9.9.9"]
          ports:
          - {number: 80, name: tcp, protocol: tcp, targetPort: 8080}
          - {number: 443, name: tls, protocol: HTTPS}
          location: MESH_INTERNAL
          resolution: STATIC
          endpoints:
          - address: 10.0.0.1
            ports: {tls: 8443}
            labels: {app: web, version: v1}
            weight: 3
            locality: eu/eu-1/rack7
            serviceAccount: web
          - address: 2001:db8:0::1
            labels: {version: v1, app: web}
            locality: eu
            serviceAccount: web
          subjectAltNames: ["spiffe://cluster.local/ns/demo/sa/old"]
          exportTo: [".", shop]
        """;

    [Fact]
    public void Every_field_of_a_service_entry_is_in_its_normal_form()
    {
        var service = OneResource.Of<Service>(Full);

        Assert.Equal(new Origin(ResourceKind.ServiceEntry, "demo", "web", "t.yaml", 1), service.Origin);
        Assert.Equal("web.demo.svc.cluster.local", string.Join(' ', service.Hosts));
        Assert.Equal<IPNetwork>([IPNetwork.Parse("10.1.2.3/32"), IPNetwork.Parse("2001:db8::/32"), IPNetwork.Parse("10.9.9.9/32")], service.Addresses);
        Assert.Equal<ServicePort>([new ServicePort(80, "tcp", IsTls: false, 8080), new ServicePort(443, "tls", IsTls: true, null)], service.Ports);
        Assert.True(service.IsMeshInternal);
        Assert.Equal(Resolution.Static, service.Resolution);
        Assert.Null(service.Selector);
        Assert.Equal("spiffe://cluster.local/ns/demo/sa/old", string.Join(' ', service.SubjectAltNames));
        Assert.Equal("demo shop", string.Join(' ', service.ExportTo));

        var first = service.Endpoints[0];
        Assert.Equal((13, "10.0.0.1", IPAddress.Parse("10.0.0.1")), (first.Line, first.Address, first.Ip));
        Assert.Equal(8443, first.Ports["tls"]);
        Assert.Equal("v1", first.Labels["version"]);
        Assert.Equal(3, first.Weight);
        Assert.Equal(new Locality("eu", "eu-1", "rack7"), first.Locality);
        Assert.Equal("spiffe://cluster.local/ns/demo/sa/web", first.Identity?.ToString());

        var second = service.Endpoints[1];
        Assert.Equal((19, "2001:db8::1", 1), (second.Line, second.Address, second.Weight));
        Assert.Equal(new Locality("eu", "", ""), second.Locality);
        Assert.Same(first.Labels, second.Labels);
        Assert.Same(first.Identity, second.Identity);
    }

    [Fact]
    public void Without_location_and_resolution_it_is_outside_the_mesh_and_has_no_endpoints()
    {
        var service = OneResource.Of<Service>("{hosts: ['*.example.com'], ports: [{number: 443, name: tls, protocol: TLS}]}");

        Assert.Equal((false, Resolution.None), (service.IsMeshInternal, service.Resolution));
        Assert.Equal("*.example.com", string.Join(' ', service.Hosts));
        Assert.Empty(service.Addresses);
        Assert.Empty(service.Endpoints);
        Assert.Empty(service.ExportTo);
    }

    [Fact]
    public void A_selector_is_kept_where_there_are_endpoints_to_select()
    {
        var service = OneResource.Of<Service>(
            "{hosts: [a.com], ports: [{number: 1, name: a, protocol: TLS}], resolution: STATIC, workloadSelector: {labels: {app: web}}}");

        Assert.Equal("web", service.Selector!.Labels["app"]);
    }

    [Fact]
    public void Names_and_addresses_are_endpoints_where_names_are_looked_up()
    {
        var service = OneResource.Of<Service>(
            "{hosts: [a.com], ports: [{number: 1, name: a, protocol: TLS}], resolution: DNS, endpoints: [{address: B.com}, {address: 10.0.0.1}]}");

        Assert.Equal([("b.com", null), ("10.0.0.1", IPAddress.Parse("10.0.0.1"))], service.Endpoints.Select(endpoint => (endpoint.Address, endpoint.Ip)));
    }

    [Fact]
    public void A_workload_entry_has_labels_of_its_metadata_before_those_of_its_spec()
    {
        var workload = OneResource.Of<WorkloadEntry>("{address: 10.0.0.1, labels: {app: other, version: v1}, ports: {tcp: 81}, serviceAccount: web}");

        Assert.Equal("app=web,version=v1", string.Join(',', workload.Endpoint.Labels.Select(label => $"{label.Key}={label.Value}")));
        Assert.Equal((81, "spiffe://cluster.local/ns/demo/sa/web"), (workload.Endpoint.Ports["tcp"], workload.Endpoint.Identity?.ToString()));
    }

    [Fact]
    public void A_resource_that_moves_takes_the_lines_in_it_along()
    {
        var service = OneResource.Of<Service>(Full);
        var origin = service.Origin with { File = "u.yaml", Line = 11 };

        var moved = ServiceEntryReader.Move(service, origin, lines: 10);

        Assert.Same(origin, moved.Origin);
        Assert.Equal([23, 29], moved.Endpoints.Select(endpoint => endpoint.Line));
        Assert.Same(service.Endpoints[0].Labels, moved.Endpoints[0].Labels);
        Assert.Equal(14, WorkloadEntryReader.Move(OneResource.Of<WorkloadEntry>("{address: 10.0.0.1}"), origin, lines: 10).Endpoint.Line);
    }
}
