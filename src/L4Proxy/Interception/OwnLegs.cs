using System.Net;

namespace L4Proxy.Interception;

/// <summary>
/// The legs from this proxy to its own workload, so that one that comes back to us is recognised: then the rules do not let the
/// proxy's mark pass, and without this guard every connection would become thousands. Shared by all loops.
/// </summary>
internal sealed class OwnLegs
{
    private readonly Lock _lock = new();
    private readonly HashSet<Key> _legs = [];

    /// <summary>Remembers a leg until <see cref="Remove"/>.</summary>
    /// <param name="local">Our end of it.</param>
    /// <param name="destination">The workload's end.</param>
    public void Add(IPEndPoint local, IPEndPoint destination)
    {
        lock (_lock)
        {
            _legs.Add(Key.Of(local, destination));
        }
    }

    public void Remove(IPEndPoint local, IPEndPoint destination)
    {
        lock (_lock)
        {
            _legs.Remove(Key.Of(local, destination));
        }
    }

    /// <summary>Whether an accepted connection from <paramref name="peer"/> to <paramref name="destination"/> is one of ours.</summary>
    public bool Contains(IPEndPoint peer, IPEndPoint destination)
    {
        lock (_lock)
        {
            return _legs.Count > 0 && _legs.Contains(Key.Of(peer, destination));
        }
    }

    /// <summary>Both ends, by value: an address object per leg would double what an idle inbound connection costs.</summary>
    private readonly record struct Key(UInt128 Local, UInt128 Remote, ushort LocalPort, ushort RemotePort)
    {
        public static Key Of(IPEndPoint local, IPEndPoint remote) =>
            new(Number(local.Address), Number(remote.Address), (ushort)local.Port, (ushort)remote.Port);

        private static UInt128 Number(IPAddress address)
        {
            Span<byte> bytes = stackalloc byte[16];
            bytes.Clear();
            address.TryWriteBytes(bytes, out _);
            return System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(bytes);
        }
    }
}
