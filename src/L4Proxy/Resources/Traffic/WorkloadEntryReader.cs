using L4Proxy.Core.Resources;
using L4Proxy.Core.Routing;

namespace L4Proxy.Resources.Traffic;

/// <summary>WorkloadEntry: an endpoint that services select by its labels.</summary>
internal static class WorkloadEntryReader
{
    public static WorkloadEntry Read(ResourceDocument document)
    {
        var endpoint = new EndpointReader(document, ports: [], resolution: null).Read(document.Spec);
        // As Istio has it: labels of the resource itself count too, and more than those of its spec.
        return new WorkloadEntry(document.Origin, document.Labels.IsEmpty ? endpoint : endpoint with { Labels = endpoint.Labels.SetItems(document.Labels) });
    }

    public static WorkloadEntry Move(WorkloadEntry workload, Origin origin, int lines) =>
        new(origin, workload.Endpoint with { Line = workload.Endpoint.Line + lines });
}
