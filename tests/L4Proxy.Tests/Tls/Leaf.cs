namespace L4Proxy.Tests.Tls;

/// <summary>The files of one workload certificate, in the shapes foreign programs want them.</summary>
/// <param name="Id">The SPIFFE ID it was made for.</param>
/// <param name="Certificate">The leaf alone.</param>
/// <param name="Chain">The leaf, then its intermediate.</param>
/// <param name="Key">PKCS#8.</param>
/// <param name="All">Chain and key in one file.</param>
internal sealed record Leaf(string Id, string Certificate, string Chain, string Key, string All);
