using System.Collections.Immutable;
using System.Globalization;
using L4Proxy.Core.Identity;

namespace L4Proxy.Core.Routing;

/// <summary>How legs to the endpoints of one cluster are secured; one object for all for which it is the same.</summary>
internal sealed class SecurityOfEndpoints
{
    /// <summary>Label of a workload that speaks no mesh TLS although it has an identity.</summary>
    private const string TlsModeLabel = "security.istio.io/tlsMode";

    /// <summary>Nobody's, and nobody is given it: what is demanded when a rule names only servers that the mesh cannot have.</summary>
    private static readonly ImmutableArray<SpiffeId> _nobody = Ids(["spiffe://subject-alt-names-without-spiffe-id.invalid"]);

    private readonly Dictionary<SpiffeId, UpstreamSecurity> _byIdentity = [];
    private readonly ServiceNode _service;
    private readonly UpstreamTls? _tls;
    private readonly string _serverName;

    /// <summary>What all endpoints must prove, whoever they are; empty: each its own.</summary>
    private readonly ImmutableArray<SpiffeId> _demanded;
    private readonly UpstreamSecurity? _same;
    private UpstreamSecurity? _common;

    public SecurityOfEndpoints(PortNode port, string subset, UpstreamTls? tls)
    {
        (_service, _tls) = (port.Service, tls);
        var names = _service.Service.SubjectAltNames;
        _serverName = tls is { Sni.Length: > 0 }
            ? tls.Sni
            : string.Create(CultureInfo.InvariantCulture, $"outbound_.{port.Port.Number}_.{subset}_.{_service.Host}");
        _demanded = Ids(names);
        switch (tls?.Mode)
        {
            case UpstreamTlsMode.Disable:
                _same = UpstreamSecurity.Plaintext;
                break;
            case UpstreamTlsMode.Simple or UpstreamTlsMode.Mutual:
                var sni = tls.Sni.Length > 0 ? tls.Sni : OwnName(_service);
                _same = new(UpstreamSecurityKind.Tls, sni, [], tls.SubjectAltNames.IsEmpty ? tls with { SubjectAltNames = names } : tls);
                break;
            case UpstreamTlsMode.IstioMutual when !tls.SubjectAltNames.IsEmpty:
                _demanded = Ids(tls.SubjectAltNames) is { IsEmpty: false } ids ? ids : _nobody;
                break;
        }
    }

    /// <param name="endpoint">Null: it is not a known one.</param>
    public UpstreamSecurity Of(Endpoint? endpoint)
    {
        if (_same is not null)
        {
            return _same;
        }
        if (_tls is null && !IsOfMesh(endpoint))
        {
            return UpstreamSecurity.Plaintext;
        }
        if (!_demanded.IsEmpty || endpoint?.Identity is not { } identity)
        {
            return _common ??= new(UpstreamSecurityKind.MeshTls, _serverName, _demanded, null);
        }
        if (!_byIdentity.TryGetValue(identity, out var known))
        {
            _byIdentity.Add(identity, known = new(UpstreamSecurityKind.MeshTls, _serverName, [identity], null));
        }
        return known;
    }

    /// <summary>Whether its identity is known, so that it is known to speak mesh TLS.</summary>
    private bool IsOfMesh(Endpoint? endpoint)
    {
        if (endpoint?.Labels.TryGetValue(TlsModeLabel, out var mode) == true && mode == "disabled")
        {
            return false;
        }
        return endpoint?.Identity is not null || (_service.Service.IsMeshInternal && !_demanded.IsEmpty);
    }

    private static string OwnName(ServiceNode service) =>
        !service.Host.StartsWith('*') ? service.Host : service.Service.Hosts.FirstOrDefault(host => !host.StartsWith('*'), "");

    private static ImmutableArray<SpiffeId> Ids(ImmutableArray<string> names) =>
        [.. names.Select(name => SpiffeId.TryParse(name, out var id, out _) ? id : null).OfType<SpiffeId>()];
}
