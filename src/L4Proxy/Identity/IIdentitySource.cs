namespace L4Proxy.Identity;

/// <summary>
/// Where our identity comes from. A border of the system: files now; the SPIFFE Workload API and Istio's CA are adapters to come.
/// </summary>
internal interface IIdentitySource : IAsyncDisposable
{
    /// <summary>
    /// The generation in force, read once per handshake; null while there is none, and then TLS is refused. Swapped as one, from any
    /// thread.
    /// </summary>
    WorkloadIdentity? Current { get; }

    /// <summary>Reads the first generation and begins to follow its changes. A set that is not good is reported and leaves <see cref="Current"/> as it was.</summary>
    /// <param name="changed">Called after every swap, one call at a time, on any thread.</param>
    void Start(Action<WorkloadIdentity> changed);
}
