using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;

namespace L4Proxy.Interception;

/// <summary>
/// The legs this proxy has dialled in one direction, so that one that comes back in the same direction is recognised: then the rules
/// do not let the proxy's own traffic pass, and without this guard every connection would become thousands. Shared by all loops.
/// </summary>
/// <remarks>
/// Each direction has its own: an outbound leg that arrives inbound is no loop but a service address that turned out to be this pod.
/// </remarks>
internal sealed class OwnLegs
{
    private readonly Lock _lock = new();
    private readonly HashSet<OwnLeg> _legs = [];

    /// <summary>Remembers a leg until <see cref="Remove"/>.</summary>
    /// <param name="local">Our end of it; null, when the kernel does not know it any more, is a leg that cannot come back.</param>
    /// <param name="destination">The other end.</param>
    /// <returns>What <see cref="Remove"/> takes. A value: two end points kept per idle connection would double what it costs.</returns>
    public OwnLeg Add(IPEndPoint? local, IPEndPoint destination)
    {
        if (local is null)
        {
            return default;
        }
        var leg = OwnLeg.Of(local, destination);
        lock (_lock)
        {
            _legs.Add(leg);
        }
        return leg;
    }

    public void Remove(OwnLeg leg)
    {
        lock (_lock)
        {
            _legs.Remove(leg);
        }
    }

    /// <summary>Whether an accepted connection from <paramref name="peer"/> to <paramref name="destination"/> is one of ours.</summary>
    public bool Contains(IPEndPoint peer, IPEndPoint destination)
    {
        lock (_lock)
        {
            return _legs.Count > 0 && _legs.Contains(OwnLeg.Of(peer, destination));
        }
    }
}

/// <summary>
/// Both ends of a leg in 64 bits, mixed with numbers drawn at the start of the process: two of a hundred thousand legs are alike once
/// in four thousand million runs, nobody outside can make them so, and an idle connection keeps 8 bytes instead of 48.
/// </summary>
internal readonly record struct OwnLeg(ulong Key)
{
    private static readonly UInt128 _secret1 = Draw();
    private static readonly UInt128 _secret2 = Draw();

    public static OwnLeg Of(IPEndPoint local, IPEndPoint remote)
    {
        var ports = ((ulong)(uint)local.Port << 16) | (uint)remote.Port;
        return new(Mix(Mix(0, Number(local.Address) ^ _secret1) ^ ports, Number(remote.Address) ^ _secret2));
    }

    /// <summary>Multiplies the halves into 128 bits and folds them: every bit of both reaches every bit of the result.</summary>
    private static ulong Mix(ulong before, UInt128 number)
    {
        var high = Math.BigMul((ulong)(number >> 64) ^ before, (ulong)number | 1, out var low);
        return high ^ low;
    }

    private static UInt128 Number(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        address.TryWriteBytes(bytes, out _);
        return BinaryPrimitives.ReadUInt128LittleEndian(bytes);
    }

    private static UInt128 Draw()
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes);
        return BinaryPrimitives.ReadUInt128LittleEndian(bytes);
    }
}
