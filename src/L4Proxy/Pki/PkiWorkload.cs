namespace L4Proxy.Pki;

/// <summary>A workload by its Kubernetes names, both already known to be such names: they become directories and a SPIFFE ID.</summary>
internal sealed record PkiWorkload(string Namespace, string ServiceAccount)
{
    public string SpiffeId(string trustDomain) => $"spiffe://{trustDomain}/ns/{Namespace}/sa/{ServiceAccount}";

    public override string ToString() => $"{Namespace}/{ServiceAccount}";
}
