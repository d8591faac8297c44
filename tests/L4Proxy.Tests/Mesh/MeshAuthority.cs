using L4Proxy.Tests.Netns;
using L4Proxy.Tests.Pki;
using L4Proxy.Tests.Tls;

namespace L4Proxy.Tests.Mesh;

/// <summary>Identities of five workloads, made by <c>l4proxy pki dev</c>, whose files the user of a proxy may read.</summary>
internal sealed class MeshAuthority : IDisposable
{
    private readonly DevelopmentAuthority _authority = new();

    public MeshAuthority()
    {
        File.SetUnixFileMode(_authority.Path, (UnixFileMode)0b111_101_101);
        string[] workloads = ["demo/shop", "demo/web", "demo/other", "ops/batch", "ops/admin"];
        _authority.MustRun(string.Concat(workloads.Select(workload => $"--workload {workload} ")) + $"--owner {TraceProxy.Uid}:{TraceProxy.Uid}");
    }

    /// <summary>Its SPIFFE ID without the scheme, as policies name it: <c>cluster.local/ns/demo/sa/web</c>.</summary>
    public static string Principal(string workload) => $"cluster.local/ns/{workload.Replace("/", "/sa/", StringComparison.Ordinal)}";

    public static string Id(string workload) => $"spiffe://{Principal(workload)}";

    public WorkloadCertificate Certificate(string workload) => WorkloadCertificate.In(_authority.File(workload));

    /// <summary>The section of the proxy's configuration that makes it this workload.</summary>
    public string IdentityOf(string workload)
    {
        var directory = _authority.File(workload);
        return $"identity: {{source: files, certificate: {directory}/cert-chain.pem, privateKey: {directory}/key.pem, trustBundle: {directory}/root-cert.pem}}";
    }

    public void Dispose() => _authority.Dispose();
}
