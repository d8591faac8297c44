namespace L4Proxy.Core.Routing;

/// <summary>
/// What is known about one address in one cluster, whatever else about it changes. Counted without a lock; failures are written under the
/// lock of <see cref="ClusterState"/> and read without.
/// </summary>
internal sealed class EndpointState
{
    /// <summary>Before any clock began, whatever it counts from; far enough from the end for a difference not to overflow.</summary>
    public const long Never = long.MinValue / 2;

    private int _active;
    private long _ejectedUntil = Never;

    public int Active => Volatile.Read(ref _active);

    /// <summary>Milliseconds of the caller's clock.</summary>
    public long EjectedUntil
    {
        get => Volatile.Read(ref _ejectedUntil);
        set => Volatile.Write(ref _ejectedUntil, value);
    }

    /// <summary>In a row.</summary>
    public int Failures { get; set; }
    public long LastFailure { get; set; } = Never;

    /// <summary>In a row: a success ends it.</summary>
    public int Ejections { get; set; }

    /// <summary>Whether <see cref="EjectionLedger"/> knows it, and looks after this itself.</summary>
    public bool IsInLedger { get; set; }

    public void Began() => Interlocked.Increment(ref _active);

    public void Ended() => Interlocked.Decrement(ref _active);
}
