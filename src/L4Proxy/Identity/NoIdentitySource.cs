namespace L4Proxy.Identity;

/// <summary>A proxy without an identity: it takes no part in TLS.</summary>
internal sealed class NoIdentitySource : IIdentitySource
{
    public WorkloadIdentity? Current => null;

    public void Start(Action<WorkloadIdentity> changed)
    {
        // There is nothing to follow, and never a swap.
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
