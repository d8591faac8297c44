using System.Collections.Immutable;
using System.Net;
using L4Proxy.Core.Connections;
using L4Proxy.Core.Detection;
using L4Proxy.Transport;
using L4Proxy.Transport.Native;

namespace L4Proxy.Interception;

/// <summary>PROXY protocol: a header before the first byte that says who really connected.</summary>
internal static class ProxyHeaders
{
    /// <summary>Takes the header of a peer that must send one; of any other peer nothing is taken.</summary>
    /// <param name="downstream">Nothing of it has been read.</param>
    /// <param name="record">Its downstream becomes whom the header names.</param>
    /// <param name="trusted">Peers that must begin with a header.</param>
    /// <param name="deadline">In milliseconds of the loop's clock.</param>
    /// <returns>False: the connection is over. A header is never half taken.</returns>
    public static async ValueTask<bool> ReceiveAsync(
        Leg downstream, ConnectionRecord record, ImmutableArray<IPNetwork> trusted, long deadline)
    {
        if (!Contains(trusted, record.Downstream.EndPoint.Address))
        {
            return true;
        }
        record.Enter(Phase.Detecting);
        while (true)
        {
            var arrived = downstream.TryPeek(downstream.Loop.Scratch);
            if (arrived.Error != Errno.None)
            {
                record.End(CloseReason.DownstreamReset, (int)arrived.Error);
                return false;
            }
            switch (ProxyHeaderParser.Parse(downstream.Loop.Scratch.AsSpan(0, arrived.Bytes), out var header))
            {
                case ProxyHeaderStatus.Complete:
                    downstream.TryReceive(downstream.Loop.Scratch.AsSpan(0, header.Length));
                    if (header.Source is { } source)
                    {
                        record.Forwarded(new DownstreamAddress(source));
                    }
                    return true;
                case ProxyHeaderStatus.Invalid:
                    record.Detail = header.Problem;
                    record.End(CloseReason.ProxyHeaderInvalid);
                    return false;
            }
            if (downstream.PeerHasEnded || downstream.Loop.Now >= deadline)
            {
                record.Detail = "no complete header came";
                record.End(CloseReason.ProxyHeaderInvalid);
                return false;
            }
            await downstream.MoreToReadAsync(deadline);
        }
    }

    /// <summary>Writes a header of version 2 to a leg that nothing was written to yet: its few hundred bytes always fit.</summary>
    /// <param name="upstream">Just connected.</param>
    /// <param name="record">Who connected, and where it was going.</param>
    /// <param name="local">Where it was going, where nothing was redirected.</param>
    public static void Send(Leg upstream, ConnectionRecord record, IPEndPoint? local)
    {
        Span<byte> header = stackalloc byte[ProxyHeaderWriter.MaxLength];
        var destination = record.OriginalDestination?.EndPoint ?? local;
        var length = ProxyHeaderWriter.WriteV2(header, record.Downstream.EndPoint, destination, record.Tls?.PeerIdentity);
        upstream.TrySend(header[..length], moreFollows: false);
    }

    private static bool Contains(ImmutableArray<IPNetwork> networks, IPAddress address)
    {
        foreach (var network in networks)
        {
            if (network.Contains(address))
            {
                return true;
            }
        }
        return false;
    }
}
