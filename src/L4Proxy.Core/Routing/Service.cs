using System.Collections.Immutable;
using System.Net;
using L4Proxy.Core.Identity;
using L4Proxy.Core.Resources;

namespace L4Proxy.Core.Routing;

/// <summary>Where the endpoints of a service come from.</summary>
public enum Resolution : byte
{
    /// <summary>It has none: the connection goes to its original destination.</summary>
    None,

    /// <summary>They are written down.</summary>
    Static,

    /// <summary>From names, asked again as their TTL says.</summary>
    Dns,
}

/// <summary>Something that can be called, in its normal form whatever it was written in.</summary>
/// <param name="Origin">Where it was written.</param>
/// <param name="Hosts">Its names, lower case; one may begin with <c>*.</c>. Rules and routes name it by these.</param>
/// <param name="Addresses">Addresses and networks it is called by; empty: by any, told apart by port and, where that is TLS, by SNI.</param>
/// <param name="Ports">At least one.</param>
/// <param name="Resolution">Where endpoints come from.</param>
public sealed record Service(
    Origin Origin, ImmutableArray<string> Hosts, ImmutableArray<IPNetwork> Addresses, ImmutableArray<ServicePort> Ports, Resolution Resolution)
{
    /// <summary>Whether it is part of the mesh (<c>MESH_INTERNAL</c>): then an endpoint's identity, if known, is demanded of it.</summary>
    public bool IsMeshInternal { get; init; }

    /// <summary>Endpoints written in the service itself.</summary>
    public ImmutableArray<Endpoint> Endpoints { get; init; } = [];

    /// <summary>Workload entries of its namespace that are its endpoints too; null for none.</summary>
    public WorkloadSelector? Selector { get; init; }

    /// <summary>SPIFFE IDs (or DNS names, for TLS outside the mesh) of which every endpoint must prove one; empty: see the endpoint.</summary>
    public ImmutableArray<string> SubjectAltNames { get; init; } = [];

    /// <summary>Namespaces that see it, <c>*</c> for all; empty is all. <c>.</c> has been replaced by its own namespace.</summary>
    public ImmutableArray<string> ExportTo { get; init; } = [];
}

/// <param name="Number">Port it is called by.</param>
/// <param name="Name">Unique within the service.</param>
/// <param name="IsTls">Whether what is spoken there begins with a ClientHello, so that the SNI can be waited for.</param>
/// <param name="TargetPort">Port of the endpoints, where it differs and they do not say otherwise.</param>
public sealed record ServicePort(int Number, string Name, bool IsTls, int? TargetPort);

/// <summary>A workload entry: an endpoint of every service of its namespace that selects it.</summary>
/// <param name="Origin">Where it was written.</param>
/// <param name="Endpoint">What it is.</param>
public sealed record WorkloadEntry(Origin Origin, Endpoint Endpoint);

/// <summary>One place that can be dialled.</summary>
/// <param name="Line">Where it was written, in the file of whatever contains it.</param>
/// <param name="Address">An IP address in its shortest form, or a DNS name.</param>
public sealed record Endpoint(int Line, string Address)
{
    /// <summary>Null when <see cref="Address"/> is a name.</summary>
    public IPAddress? Ip { get; init; }

    /// <summary>Port numbers by the service's port name, where they differ.</summary>
    public ImmutableSortedDictionary<string, int> Ports { get; init; } = ImmutableSortedDictionary<string, int>.Empty;

    public ImmutableSortedDictionary<string, string> Labels { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Share of connections relative to its siblings, 1 or more.</summary>
    public int Weight { get; init; } = 1;

    public Locality Locality { get; init; }

    /// <summary>Who it must prove to be; null: unknown, so it is not known to be of the mesh.</summary>
    public SpiffeId? Identity { get; init; }
}

/// <summary>Where something runs: <c>region/zone/subzone</c>. Absent parts are empty.</summary>
public readonly record struct Locality(string Region, string Zone, string SubZone)
{
    public static Locality Parse(string text)
    {
        var parts = text.Split('/', 3);
        return new(parts[0], parts.Length > 1 ? parts[1] : "", parts.Length > 2 ? parts[2] : "");
    }

    public override string ToString() => string.Join('/', new[] { Region, Zone, SubZone }.Where(part => !string.IsNullOrEmpty(part)));
}
