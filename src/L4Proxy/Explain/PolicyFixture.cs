using System.Collections.Immutable;
using L4Proxy.Configuration;
using L4Proxy.Configuration.Binding;
using L4Proxy.Configuration.Yaml;
using L4Proxy.Core.Policy;

namespace L4Proxy.Explain;

/// <summary>A file of cases for <c>policy test</c>: some resources, a workload, and what must become of some connections.</summary>
/// <param name="Options">Of a proxy beside the workload.</param>
/// <param name="Resources">File or directory; empty when there are errors.</param>
/// <param name="Cases">In the order of the file.</param>
/// <param name="Errors">All of them; with one no case counts.</param>
internal sealed record PolicyFixture(
    ProxyOptions Options, string Resources, ImmutableArray<FixtureCase> Cases, IReadOnlyList<ConfigurationError> Errors)
{
    public static PolicyFixture Read(string path)
    {
        var file = ConfigurationFile.Read(path);
        if (file.Text is null)
        {
            return new(new ProxyOptions(), "", [], [file.Error!]);
        }
        var errors = new ErrorList(path);
        var fixture = YamlReader.Read(file.Text, errors) is { } root
            ? Section.Read(root, new ConfigurationDocument(errors, Environment.GetEnvironmentVariable), section => Root(section, path))
            : new(new ProxyOptions(), "", [], []);
        return fixture with { Errors = errors.Sorted() };
    }

    private static PolicyFixture Root(Section root, string path)
    {
        var resources = root.Required("resources", "", "policies", text => text.Length > 0 ? text : throw new FormatException("is empty; name a file or a directory"));
        var workload = root.Inner("workload", (Options: new WorkloadOptions(), Aliases: ImmutableArray<string>.Empty), Workload);
        var mesh = new MeshOptions();
        mesh = mesh with
        {
            // With an identity, as every workload of a mesh has one.
            Mtls = root.Choice("mtls", MtlsMode.Permissive, OptionKey.Word),
            OutboundTrafficPolicy = root.Choice("outboundTrafficPolicy", mesh.OutboundTrafficPolicy, OptionKey.Word),
            RootNamespace = root.Value("rootNamespace", mesh.RootNamespace, WorkloadText.Name),
        };
        if (!root.Has("cases"))
        {
            root.Fail("cases", "is missing; add at least one, such as {name: shop may call, from: spiffe://cluster.local/ns/demo/sa/shop, to: \"10.0.0.1:80\", expect: allow}");
        }
        var options = new ProxyOptions
        {
            Workload = workload.Options,
            Mesh = mesh,
            Identity = new IdentityOptions { Source = IdentitySource.Files, TrustDomainAliases = workload.Aliases },
        };
        return new(options, Path.GetFullPath(resources, Path.GetFullPath(Path.GetDirectoryName(path) is { Length: > 0 } folder ? folder : ".")), [.. root.InnerList("cases", null, FixtureCase.Read).OfType<FixtureCase>()], []);
    }

    private static (WorkloadOptions Options, ImmutableArray<string> Aliases) Workload(Section section)
    {
        var defaults = new WorkloadOptions();
        return (new WorkloadOptions
        {
            Namespace = section.Value("namespace", defaults.Namespace, WorkloadText.Name),
            ServiceAccount = section.Value("serviceAccount", defaults.ServiceAccount, WorkloadText.Name),
            TrustDomain = section.Value("trustDomain", defaults.TrustDomain, WorkloadText.TrustDomain),
            Labels = section.Inner("labels", defaults.Labels, OptionsBinder.Labels),
            Locality = section.Value("locality", defaults.Locality, WorkloadText.Locality),
        }, [.. section.ValueList("trustDomainAliases", [], broken: "", WorkloadText.TrustDomain)]);
    }
}
