using L4Proxy.Tests.Netns;
using L4Proxy.Tests.Pki;

namespace L4Proxy.Tests.Tls.Captured;

/// <summary>A captured pod whose proxy is <c>demo/web</c>; somebody outside may be <c>demo/shop</c>.</summary>
internal sealed class MeshPod : IAsyncDisposable
{
    public const string Web = "spiffe://cluster.local/ns/demo/sa/web";
    public const string Shop = "spiffe://cluster.local/ns/demo/sa/shop";
    public const string Other = "spiffe://cluster.local/ns/demo/sa/other";

    private MeshPod(DevelopmentAuthority authority, ProxiedPod pod) => (Authority, Pod) = (authority, pod);

    public DevelopmentAuthority Authority { get; }

    public ProxiedPod Pod { get; }

    /// <param name="configuration">Without identity; where it says <c>IDENTITY</c>, that of <c>demo/web</c> is put.</param>
    /// <param name="rules">For <c>redirect apply</c>.</param>
    public static async Task<MeshPod> StartAsync(string configuration, params IEnumerable<string> rules)
    {
        var authority = MakeAuthority();
        try
        {
            var text = configuration.Replace("IDENTITY", IdentityOf(authority, "web"), StringComparison.Ordinal);
            return new MeshPod(authority, await ProxiedPod.StartAsync("nft", rules, text));
        }
        catch
        {
            authority.Dispose();
            throw;
        }
    }

    /// <summary>Of three workloads, whose files the user of a proxy may read.</summary>
    public static DevelopmentAuthority MakeAuthority()
    {
        var authority = new DevelopmentAuthority();
        File.SetUnixFileMode(authority.Path, (UnixFileMode)0b111_101_101);
        authority.MustRun($"--workload demo/shop --workload demo/web --workload demo/other --owner {TraceProxy.Uid}:{TraceProxy.Uid}");
        return authority;
    }

    public static string IdentityOf(DevelopmentAuthority authority, string account)
    {
        var directory = authority.File($"demo/{account}");
        return $"identity: {{source: files, certificate: {directory}/cert-chain.pem, privateKey: {directory}/key.pem, trustBundle: {directory}/root-cert.pem}}";
    }

    public WorkloadCertificate Certificate(string account) => WorkloadCertificate.In(Authority.File($"demo/{account}"));

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Pod.DisposeAsync();
        }
        finally
        {
            Authority.Dispose();
        }
    }
}
