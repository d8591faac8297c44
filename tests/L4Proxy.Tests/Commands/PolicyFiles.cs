using L4Proxy.Tests.Configuration;

namespace L4Proxy.Tests.Commands;

/// <summary>A directory with a small mesh's policy, and files beside it.</summary>
internal sealed class PolicyFiles : IDisposable
{
    private const string Policy = """
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: {name: default, namespace: istio-system}
        spec:
          mtls: {mode: STRICT}
        ---
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: web, namespace: demo}
        spec:
          selector: {matchLabels: {app: web}}
          action: ALLOW
          rules:
          - from:
            - source: {principals: [cluster.local/ns/demo/sa/shop]}
            to:
            - operation: {ports: ["80"]}
          - from:
            - source: {namespaces: [ops], ipBlocks: [10.1.0.0/16]}
        """;

    private readonly TemporaryDirectory _directory = new();

    public PolicyFiles()
    {
        Directory.CreateDirectory(Resources);
        Write("policies/policy.yaml", Policy);
    }

    public string Resources => _directory.File("policies");

    public string File(string name) => _directory.File(name);

    /// <returns>Its path.</returns>
    public string Write(string name, string text)
    {
        System.IO.File.WriteAllText(File(name), text);
        return File(name);
    }

    public void Dispose() => _directory.Dispose();
}
