using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace L4Proxy.Core.Identity;

/// <summary>
/// The chains one verifier has believed, because a peer shows the same bytes for hours. Only believed ones: whoever wants to push others
/// out needs certificates of our own CAs. Two generations of half the size each: what is asked for moves to the young one, what nobody asks
/// for is gone after two turns. That costs one lookup more than a plain dictionary, and neither a list to maintain nor a lock to hit.
/// </summary>
internal sealed class VerifiedPeers(int capacity = VerifiedPeers.DefaultCapacity)
{
    /// <summary>About 3 KiB each, so 12 MiB at most; a workload with more than 2048 distinct peers at once pays some of them twice.</summary>
    public const int DefaultCapacity = 4096;

    private readonly Lock _turning = new();
    private Generation _young = new();
    private Generation _old = new();

    public int Count => Volatile.Read(ref _young).Peers.Count + Volatile.Read(ref _old).Peers.Count;

    public bool TryGet(ChainKey key, [NotNullWhen(true)] out VerifiedPeer? peer)
    {
        if (Volatile.Read(ref _young).Peers.TryGetValue(key, out peer))
        {
            return true;
        }
        if (!Volatile.Read(ref _old).Peers.TryGetValue(key, out peer))
        {
            return false;   // also when it moved in this moment: then it is verified once more
        }
        Add(key, peer);
        return true;
    }

    public void Add(ChainKey key, VerifiedPeer peer)
    {
        var young = Volatile.Read(ref _young);
        if (!young.Peers.TryAdd(key, peer))
        {
            young.Peers[key] = peer;
            return;
        }
        if (Interlocked.Increment(ref young.Added) < capacity / 2)
        {
            return;
        }
        lock (_turning)
        {
            if (ReferenceEquals(young, _young))
            {
                Volatile.Write(ref _old, young);
                Volatile.Write(ref _young, new Generation());
            }
        }
    }

    /// <summary>Counts by itself, as asking a ConcurrentDictionary for its count takes all of its locks.</summary>
    private sealed class Generation
    {
        public readonly ConcurrentDictionary<ChainKey, VerifiedPeer> Peers = new();
        public int Added;
    }
}
