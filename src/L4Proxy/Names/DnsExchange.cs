using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace L4Proxy.Names;

/// <summary>One question to one server, over UDP and where the answer does not fit over TCP.</summary>
/// <remarks>
/// Whoever wants to answer in the server's place has to guess the id and the source port, both random for every packet, and to name the
/// server's address: the socket is connected, so that the kernel passes nothing else on. What does not fit the question is not an answer and is
/// passed over; the true one may still come.
/// </remarks>
internal static class DnsExchange
{
    /// <summary>Packets that were no answer. So many in one wait are somebody's attempt, and reading on would only cost time.</summary>
    private const int MaxStrangers = 200;

    /// <returns>Null: the server has said nothing that answers the question.</returns>
    /// <exception cref="SocketException">It cannot be reached.</exception>
    /// <exception cref="OperationCanceledException">Not in time.</exception>
    public static async Task<DnsResponse?> AskAsync(IPEndPoint server, DnsName name, DnsType type, bool onlyTcp, CancellationToken cancellationToken)
    {
        if (onlyTcp)
        {
            return await OverTcpAsync(server, name, type, cancellationToken);
        }
        var response = await OverUdpAsync(server, name, type, extended: true, cancellationToken);
        if (response is { Code: DnsResponse.FormatError or DnsResponse.NotImplemented })
        {
            // As RFC 6891 §7 has it for servers that do not know the extension.
            response = await OverUdpAsync(server, name, type, extended: false, cancellationToken);
        }
        return response is { Truncated: true } ? await OverTcpAsync(server, name, type, cancellationToken) : response;
    }

    private static async Task<DnsResponse?> OverUdpAsync(
        IPEndPoint server, DnsName name, DnsType type, bool extended, CancellationToken cancellationToken)
    {
        var query = Query(name, type);
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(server, cancellationToken);
        await socket.SendAsync(query.Write(extended), cancellationToken);
        // One byte more than we take: a longer packet would arrive cut, and look damaged instead of too long.
        var buffer = new byte[DnsQuery.MaxUdp + 1];
        for (var strangers = 0; strangers < MaxStrangers; strangers++)
        {
            var length = await socket.ReceiveAsync(buffer, cancellationToken);
            if (length <= DnsQuery.MaxUdp && DnsResponse.Read(buffer.AsSpan(0, length), query) is { } response)
            {
                return response;
            }
        }
        return null;
    }

    private static async Task<DnsResponse?> OverTcpAsync(IPEndPoint server, DnsName name, DnsType type, CancellationToken cancellationToken)
    {
        var query = Query(name, type);
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server, cancellationToken);
        var packet = query.Write(extended: false);
        var framed = new byte[2 + packet.Length];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)packet.Length);
        packet.CopyTo(framed, 2);
        await using var stream = new NetworkStream(socket, ownsSocket: false);
        await stream.WriteAsync(framed, cancellationToken);
        var size = new byte[2];
        if (await stream.ReadAtLeastAsync(size, 2, throwOnEndOfStream: false, cancellationToken) < 2)
        {
            return null;
        }
        var answer = new byte[BinaryPrimitives.ReadUInt16BigEndian(size)];
        return await stream.ReadAtLeastAsync(answer, answer.Length, throwOnEndOfStream: false, cancellationToken) == answer.Length
            && DnsResponse.Read(answer, query) is { Truncated: false } response
            ? response : null;
    }

    private static DnsQuery Query(DnsName name, DnsType type) => new((ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue + 1), name, type);
}
