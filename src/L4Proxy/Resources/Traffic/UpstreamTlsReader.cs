using L4Proxy.Configuration.Binding;
using L4Proxy.Core.Routing;

namespace L4Proxy.Resources.Traffic;

/// <summary><c>tls</c> of a traffic policy: how TLS is originated.</summary>
internal static class UpstreamTlsReader
{
    private static readonly Dictionary<string, UpstreamTlsMode> _modes = new(StringComparer.Ordinal)
    {
        ["DISABLE"] = UpstreamTlsMode.Disable,
        ["SIMPLE"] = UpstreamTlsMode.Simple,
        ["MUTUAL"] = UpstreamTlsMode.Mutual,
        ["ISTIO_MUTUAL"] = UpstreamTlsMode.IstioMutual,
    };

    private static readonly string[] _files = ["caCertificates", "clientCertificate", "privateKey"];

    public static UpstreamTls? Read(Section section)
    {
        section.Refuse("credentialName", "secrets of Kubernetes are not read; mount the secret and name its files, with clientCertificate, privateKey, caCertificates");
        section.Refuse("insecureSkipVerify", "the server is always verified; remove it, and name its authority with caCertificates or its names with subjectAltNames");
        section.Refuse("caCrl", "is not supported; remove it");
        var mode = section.Required("mode", UpstreamTlsMode.Disable, "SIMPLE", text => WordText.OneOf(text, _modes));
        var tls = new UpstreamTls(mode, section.Position.Line)
        {
            SubjectAltNames = section.Values("subjectAltNames", (text, _) =>
                mode == UpstreamTlsMode.IstioMutual ? PeerText.Identity(text) : SubjectAltNameText.Name(text)),
            Sni = section.Value("sni", "", PeerText.ServerName),
            CaCertificates = section.Value("caCertificates", "", ScalarText.AbsolutePath),
            ClientCertificate = section.Value("clientCertificate", "", ScalarText.AbsolutePath),
            PrivateKey = section.Value("privateKey", "", ScalarText.AbsolutePath),
        };
        if (section.Has("mode"))
        {
            Fit(mode, section);
        }
        return tls;
    }

    /// <summary>Whether the other fields fit the mode.</summary>
    private static void Fit(UpstreamTlsMode mode, Section section)
    {
        switch (mode)
        {
            case UpstreamTlsMode.Disable:
                RefuseAll(section, [.. _files, "subjectAltNames", "sni"], "has no meaning with mode DISABLE; remove it, or write another mode");
                break;
            case UpstreamTlsMode.IstioMutual:
                RefuseAll(section, _files, "cannot be chosen with mode ISTIO_MUTUAL, which uses the identity of the mesh; remove it, or write mode: MUTUAL");
                break;
            case UpstreamTlsMode.Simple:
                RefuseAll(section, _files.AsSpan(1), "is not shown with mode SIMPLE; remove it, or write mode: MUTUAL");
                break;
            case UpstreamTlsMode.Mutual:
                foreach (var key in _files.AsSpan(1))
                {
                    if (!section.Has(key))
                    {
                        section.Fail(key, $"is missing, and mode MUTUAL needs it; add it, such as {key}: /etc/certs/{(key == "privateKey" ? "key" : "client")}.pem");
                    }
                }
                break;
        }
    }

    private static void RefuseAll(Section section, ReadOnlySpan<string> keys, string reason)
    {
        foreach (var key in keys)
        {
            section.Refuse(key, reason);
        }
    }
}
