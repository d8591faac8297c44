using L4Proxy.Configuration;
using L4Proxy.Core.Resources;
using L4Proxy.Resources;

namespace L4Proxy.Tests.Resources.Traffic;

/// <summary>Reads one resource, <c>web</c> of the namespace <c>demo</c>, of which only the spec is interesting. It stands on line 4.</summary>
internal static class OneResource
{
    private static readonly LocalWorkload _workload = new("shop", ResourceText.NoLabels, "istio-system", ["cluster.local"]);

    public static string Errors(string kind, string spec) => Lines(Part(kind, spec).Errors);

    public static string Warnings(string kind, string spec) => Lines(Part(kind, spec).Warnings);

    public static T Of<T>(string spec)
    {
        var kind = typeof(T) == typeof(Core.Routing.Service) ? "ServiceEntry" : typeof(T).Name;
        var part = Part(kind, spec);
        Assert.Empty(part.Errors);
        return Assert.IsType<T>(Assert.Single(part.Resources).Value);
    }

    private static ResourcePart Part(string kind, string spec)
    {
        var text = $"apiVersion: networking.istio.io/v1\nkind: {kind}\nmetadata: {{name: web, namespace: demo, labels: {{app: web}}}}\nspec: {spec}\n";
        return new PartReader(_workload).Read(text, default, "t.yaml", linesBefore: 0);
    }

    private static string Lines(IEnumerable<ConfigurationError> findings) =>
        string.Join('\n', findings.Select(finding => finding.ToString().Replace("t.yaml:", "", StringComparison.Ordinal)));
}
