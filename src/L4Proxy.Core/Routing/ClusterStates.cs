namespace L4Proxy.Core.Routing;

/// <summary>State of the clusters of one host and port, by subset, handed from one version of the service to the next. Thread-safe.</summary>
internal sealed class ClusterStates
{
    private readonly Lock _lock = new();
    private List<(string Subset, ClusterState State)>? _bySubset;

    public ClusterState Of(string subset, EjectionLedger ledger)
    {
        lock (_lock)
        {
            _bySubset ??= [];
            foreach (var (name, known) in _bySubset)
            {
                if (name == subset)
                {
                    return known;
                }
            }
            var state = new ClusterState(ledger);
            _bySubset.Add((subset, state));
            return state;
        }
    }
}
