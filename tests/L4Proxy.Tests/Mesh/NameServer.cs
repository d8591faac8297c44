using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using L4Proxy.Tests.Netns;

namespace L4Proxy.Tests.Mesh;

/// <summary>A server of names over UDP that knows one address for every name, and for how long it is good.</summary>
internal sealed class NameServer : IAsyncDisposable
{
    private const int Header = 12, TypeA = 1;

    private readonly Socket _socket;
    private readonly Task _answering;
    private readonly uint _secondsToLive;
    private volatile IPAddress _address;
    private int _asked;

    public NameServer(NetworkNamespace where, string listen, string address, uint secondsToLive)
    {
        (_address, _secondsToLive) = (IPAddress.Parse(address), secondsToLive);
        _socket = where.Open(AddressFamily.InterNetwork, type: SocketType.Dgram);
        _socket.Bind(new IPEndPoint(IPAddress.Parse(listen), 53));
        _answering = AnswerAsync();
    }

    /// <summary>Questions for addresses of IPv4 so far.</summary>
    public int Asked => Volatile.Read(ref _asked);

    /// <summary>What every name means from now on.</summary>
    public void Move(string address) => _address = IPAddress.Parse(address);

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _answering;
    }

    private async Task AnswerAsync()
    {
        var buffer = new byte[1500];
        var anybody = new IPEndPoint(IPAddress.Any, 0);
        try
        {
            while (true)
            {
                var question = await _socket.ReceiveFromAsync(buffer, anybody);
                await _socket.SendToAsync(Answer(buffer.AsSpan(0, question.ReceivedBytes)), question.RemoteEndPoint);
            }
        }
        catch (Exception stopped) when (stopped is ObjectDisposedException or SocketException)
        {
            // Its clients get no answer from now on.
        }
    }

    // RFC 1035 §4.1: the question is given back without what may follow it, and for a type A one record that names it by a pointer.
    private byte[] Answer(ReadOnlySpan<byte> question)
    {
        var end = Header;
        while (question[end] != 0)
        {
            end += question[end] + 1;
        }
        var isAddress = BinaryPrimitives.ReadUInt16BigEndian(question[(end + 1)..]) == TypeA;
        byte[] answer = [.. question[..(end + 5)], .. isAddress ? Record() : []];
        BinaryPrimitives.WriteUInt16BigEndian(answer.AsSpan(2), 0x8580); // an authoritative answer, recursion available
        BinaryPrimitives.WriteUInt16BigEndian(answer.AsSpan(6), isAddress ? (ushort)1 : (ushort)0);
        answer.AsSpan(8, 4).Clear();
        if (isAddress)
        {
            Interlocked.Increment(ref _asked);
        }
        return answer;
    }

    private byte[] Record()
    {
        byte[] record = [0xC0, Header, 0, TypeA, 0, 1, 0, 0, 0, 0, 0, 4, .. _address.GetAddressBytes()];
        BinaryPrimitives.WriteUInt32BigEndian(record.AsSpan(6), _secondsToLive);
        return record;
    }
}
