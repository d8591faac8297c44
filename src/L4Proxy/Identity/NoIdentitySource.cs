namespace L4Proxy.Identity;

internal sealed class NoIdentitySource : IIdentitySource
{
    public WorkloadIdentity? Current => null;
    public void Start(Action<WorkloadIdentity> changed) { }
    public ValueTask DisposeAsync() => default;
}
