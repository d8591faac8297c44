namespace L4Proxy.Tests.Mesh;

/// <summary>Resources as people write them, one YAML document each; joined they are a file.</summary>
internal static class Manifest
{
    /// <param name="kind">Of the resource.</param>
    /// <param name="name">Namespace and name: <c>demo/deny-web</c>.</param>
    /// <param name="spec">YAML in one line.</param>
    /// <param name="isDryRun">Only for authorization policies.</param>
    public static string Of(string kind, string name, string spec, bool isDryRun = false)
    {
        var group = kind is "AuthorizationPolicy" or "PeerAuthentication" ? "security" : "networking";
        var parts = name.Split('/');
        return $$"""
            ---
            apiVersion: {{group}}.istio.io/v1
            kind: {{kind}}
            metadata:
              name: {{parts[1]}}
              namespace: {{parts[0]}}
              annotations: {{{(isDryRun ? "istio.io/dry-run: \"true\"" : "")}}}
            spec: {{spec}}

            """;
    }

    public static string Allow(string name, string rules, string selector = "{}", bool isDryRun = false) =>
        Of("AuthorizationPolicy", name, $"{{action: ALLOW, selector: {selector}, rules: {rules}}}", isDryRun);

    public static string Deny(string name, string rules, string selector = "{}", bool isDryRun = false) =>
        Of("AuthorizationPolicy", name, $"{{action: DENY, selector: {selector}, rules: {rules}}}", isDryRun);

    /// <summary>One rule, for whoever is one of these workloads.</summary>
    public static string From(params IEnumerable<string> workloads) =>
        $"[{{from: [{{source: {{principals: [{string.Join(", ", workloads.Select(workload => $"\"{MeshAuthority.Principal(workload)}\""))}]}}}}]}}]";

    /// <summary>A service of the mesh at an address that nobody has, on port 80 and by default on 8080 of its endpoints.</summary>
    /// <param name="host">Its short name.</param>
    /// <param name="address">By which it is called.</param>
    /// <param name="endpoints">Each as YAML in one line.</param>
    public static string Service(string host, string address, params IEnumerable<string> endpoints) => Of("ServiceEntry", $"demo/{host}",
        $"{{hosts: [{host}.demo.svc.cluster.local], addresses: [{address}], location: MESH_INTERNAL, resolution: STATIC, "
        + $"ports: [{{number: 80, name: tcp, protocol: TCP, targetPort: 8080}}], endpoints: [{string.Join(", ", endpoints)}]}}");

    /// <summary>Endpoints of which every one must prove to be <c>demo/web</c>.</summary>
    public static string Web(string address, string more = "") =>
        $"{{address: {address}, serviceAccount: web{(more.Length > 0 ? ", " : "")}{more}}}";

    /// <summary>Rules for calls to a service: the fields of its <c>trafficPolicy</c>.</summary>
    public static string Traffic(string host, string policy, string subsets = "[]") => Of("DestinationRule", $"demo/{host}",
        $"{{host: {host}.demo.svc.cluster.local, trafficPolicy: {{{policy}}}, subsets: {subsets}}}");
}
