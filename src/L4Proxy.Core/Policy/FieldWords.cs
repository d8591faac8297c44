using System.Collections.Immutable;
using System.Globalization;

namespace L4Proxy.Core.Policy;

/// <summary>A condition and how it went for one connection, in the words of the resource.</summary>
internal static class FieldWords
{
    // A list of thousands helps nobody read why; the line does.
    private const int Shown = 5;

    // Beyond it the value that matched is not looked for: refusals are logged with these words, and a flood of them must stay cheap.
    private const int Searched = 64;

    /// <summary><c>ports: 8080 is not among [9000]</c>.</summary>
    public static string Outcome(MatchCondition condition, PolicyMatch match, in AccessRequest request, RuleCompiler compiler, in ConnectionFacts facts)
    {
        var (field, isNot) = (condition.Field, condition.IsNot);
        var name = Name(field, isNot);
        if (Value(field, request) is not { } value)
        {
            return $"{name}: there is no {Absent(field, request)}{(isNot ? ", so it is none of them" : "")}";
        }
        var written = Written(field, isNot, match);
        var isAmong = condition.Holds(facts) != isNot;
        if (!isAmong || written.Length > Searched)
        {
            return $"{name}: {value} {(IsPattern(field) ? isAmong ? "matches one of" : "matches none of" : isAmong ? "is among" : "is not among")} {List(written)}";
        }
        var text = "";
        foreach (var (candidate, alone) in written)
        {
            if (compiler.Conditions(alone) is [var single] && single.Holds(facts))
            {
                text = candidate;
                break;
            }
        }
        return $"{name}: {value} {(IsPattern(field) ? $"matches {text}" : text == value ? $"is among {List(written)}" : $"is in {text}")}";
    }

    private static string Name(PolicyField field, bool isNot)
    {
        var name = field switch
        {
            PolicyField.SourceNetworks => "ipBlocks",
            PolicyField.RemoteNetworks => "remoteIpBlocks",
            PolicyField.DestinationNetworks => "destination.ip",
            PolicyField.ServerNames => "connection.sni",
            _ => $"{char.ToLowerInvariant(field.ToString()[0])}{field.ToString()[1..]}",
        };
        // The last two are keys of `when`, whose not-form has no name of its own.
        return !isNot ? name : name.Contains('.') ? $"{name} notValues" : $"not{char.ToUpperInvariant(name[0])}{name[1..]}";
    }

    private static bool IsPattern(PolicyField field) =>
        field is PolicyField.Principals or PolicyField.Namespaces or PolicyField.TrustDomains or PolicyField.ServerNames;

    /// <summary>Null when the fact is absent.</summary>
    private static string? Value(PolicyField field, in AccessRequest request) => field switch
    {
        PolicyField.Principals => request.Peer?.Principal.ToString(),
        PolicyField.Namespaces => request.Peer?.KubernetesNames?.Namespace,
        PolicyField.ServiceAccounts => request.Peer?.KubernetesNames is { } names ? $"{names.Namespace}/{names.ServiceAccount}" : null,
        PolicyField.TrustDomains => request.Peer?.TrustDomain.Name,
        PolicyField.SourceNetworks => request.Source.ToString(),
        PolicyField.RemoteNetworks => request.Remote.ToString(),
        PolicyField.DestinationNetworks => request.Destination.Address.ToString(),
        PolicyField.Ports => request.Destination.Port.ToString(CultureInfo.InvariantCulture),
        _ => string.IsNullOrEmpty(request.ServerName) ? null : request.ServerName,
    };

    private static string Absent(PolicyField field, in AccessRequest request) =>
        field == PolicyField.ServerNames ? "server name"
        : request.Peer is null ? "verified peer"
        : "namespace in the peer's ID";

    /// <summary>Each value of the field as it was written, and a match that has only it, as a positive field.</summary>
    private static ImmutableArray<(string Text, PolicyMatch Alone)> Written(PolicyField field, bool isNot, PolicyMatch match) => field switch
    {
        PolicyField.Principals => Each(isNot ? match.NotPrincipals : match.Principals, value => new() { Principals = [value] }),
        PolicyField.Namespaces => Each(isNot ? match.NotNamespaces : match.Namespaces, value => new() { Namespaces = [value] }),
        PolicyField.ServiceAccounts => Each(isNot ? match.NotServiceAccounts : match.ServiceAccounts, value => new() { ServiceAccounts = [value] }),
        PolicyField.TrustDomains => Each(isNot ? match.NotTrustDomains : match.TrustDomains, value => new() { TrustDomains = [value] }),
        PolicyField.SourceNetworks => Each(isNot ? match.NotSourceNetworks : match.SourceNetworks, value => new() { SourceNetworks = [value] }),
        PolicyField.RemoteNetworks => Each(isNot ? match.NotRemoteNetworks : match.RemoteNetworks, value => new() { RemoteNetworks = [value] }),
        PolicyField.DestinationNetworks =>
            Each(isNot ? match.NotDestinationNetworks : match.DestinationNetworks, value => new() { DestinationNetworks = [value] }),
        PolicyField.Ports => Each(isNot ? match.NotPorts : match.Ports, value => new() { Ports = [value] }),
        _ => Each(isNot ? match.NotServerNames : match.ServerNames, value => new() { ServerNames = [value] }),
    };

    // Numbers of ports have no culture.
    private static ImmutableArray<(string Text, PolicyMatch Alone)> Each<TValue>(ImmutableArray<TValue> values, Func<TValue, PolicyMatch> alone)
        where TValue : struct => [.. values.Take(Searched + 1).Select(value => (value.ToString() ?? "", alone(value)))];

    private static string List(ImmutableArray<(string Text, PolicyMatch Alone)> written)
    {
        var shown = string.Join(", ", written.Take(Shown).Select(value => value.Text));
        return written.Length <= Shown ? $"[{shown}]"
            : written.Length <= Searched ? $"[{shown} and {written.Length - Shown} more]"
            : $"[{shown} and many more]";
    }
}
