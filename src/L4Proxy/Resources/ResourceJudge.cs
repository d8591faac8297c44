using System.Collections.Immutable;
using L4Proxy.Configuration;
using L4Proxy.Core.Policy;
using L4Proxy.Core.Resources;
using L4Proxy.Core.Routing;

namespace L4Proxy.Resources;

/// <summary>Puts resources beside each other: lists per kind, and the errors that none of them has alone.</summary>
internal static class ResourceJudge
{
    /// <summary>Ten times the largest mesh this is measured with.</summary>
    private const int MaxResources = 200_000;

    public static ResourceSet Judge(ResourceLoad load, LocalWorkload workload)
    {
        var parts = load.Files.SelectMany(file => file.Parts).ToList();
        var resources = parts.SelectMany(part => part.Resources).ToList();
        var findings = new ResourceFindings();
        NameOnce(resources, findings);
        if (resources.Count > MaxResources)
        {
            findings.Error(resources[MaxResources].Origin, "", $"is one of {resources.Count} resources; at most {MaxResources} are read, remove those that are not needed here");
        }
        var set = new ResourceSet([], [])
        {
            PeerAuthentications = Of<PeerAuthentication>(resources),
            AuthorizationPolicies = Of<AuthorizationPolicy>(resources),
            Services = Of<Service>(resources),
            WorkloadEntries = Of<WorkloadEntry>(resources),
            DestinationRules = Of<DestinationRule>(resources),
            VirtualServices = Of<VirtualService>(resources),
            Sidecars = Of<Sidecar>(resources),
        };
        ConfigurationError[] unread = [.. load.Errors, .. load.Files.SelectMany(file => file.Errors), .. parts.SelectMany(part => part.Errors)];
        // What could not be read is missing for the others: that a subset is not defined would be said of one whose line has a typo.
        if (unread.Length == 0)
        {
            ResourceRules.Check(set, workload, findings);
        }
        return set with
        {
            Errors = Sorted(unread.Concat(findings.Errors)),
            Warnings = Sorted(parts.SelectMany(part => part.Warnings).Concat(findings.Warnings)),
        };
    }

    private static void NameOnce(List<ReadResource> resources, ResourceFindings findings)
    {
        var first = new Dictionary<(ResourceKind, string, string), Origin>(resources.Count);
        foreach (var origin in resources.Select(resource => resource.Origin))
        {
            if (!first.TryAdd((origin.Kind, origin.Namespace, origin.Name), origin))
            {
                var other = first[(origin.Kind, origin.Namespace, origin.Name)];
                findings.Error(origin, "metadata.name", $"{origin.Kind} {origin.Id} is already at {other.File}:{other.Line}; rename or remove one of them");
            }
        }
    }

    private static ImmutableArray<T> Of<T>(List<ReadResource> resources) => [.. resources.Select(resource => resource.Value).OfType<T>()];

    private static ImmutableArray<ConfigurationError> Sorted(IEnumerable<ConfigurationError> errors) =>
    [
        .. errors.OrderBy(error => error.File, StringComparer.Ordinal).ThenBy(error => error.Line).ThenBy(error => error.Column),
    ];
}
