using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace L4Proxy.Tests.Names;

/// <summary>A DNS server on loopback, over UDP and TCP at the same port, that answers as the test says.</summary>
internal sealed class DnsServer : IAsyncDisposable
{
    private readonly Socket _udp;
    private readonly Socket _tcp;
    private readonly ConcurrentQueue<DnsQuestion> _questions = new();
    private readonly Task _serving;

    /// <param name="answer">The packets to send, one after the other; none is silence. Questions are answered side by side.</param>
    public DnsServer(Func<DnsQuestion, Task<byte[][]>> answer)
        : this(answer, new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp), new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp), null)
    {
    }

    /// <param name="answer">As of the other.</param>
    /// <param name="udp">Owned.</param>
    /// <param name="tcp">Owned.</param>
    /// <param name="endPoint">Null: a free port on loopback.</param>
    public DnsServer(Func<DnsQuestion, Task<byte[][]>> answer, Socket udp, Socket tcp, IPEndPoint? endPoint)
    {
        (Answer, _udp, _tcp) = (answer, udp, tcp);
        EndPoint = Bind(endPoint);
        _tcp.Listen();
        _serving = Task.WhenAll(ServeUdpAsync(), ServeTcpAsync());
    }

    public DnsServer(Func<DnsQuestion, byte[]> answer) : this(question => Task.FromResult<byte[][]>([answer(question)]))
    {
    }

    public IPEndPoint EndPoint { get; }

    /// <summary>May be changed while it serves.</summary>
    public Func<DnsQuestion, Task<byte[][]>> Answer { get; set; }

    /// <summary>In the order they came.</summary>
    public IReadOnlyList<DnsQuestion> Questions => [.. _questions];

    public async ValueTask DisposeAsync()
    {
        _udp.Dispose();
        _tcp.Dispose();
        await _serving;
    }

    private IPEndPoint Bind(IPEndPoint? given)
    {
        while (true)
        {
            var endPoint = given ?? new IPEndPoint(IPAddress.Loopback, Running.FreePorts.Take());
            try
            {
                _udp.Bind(endPoint);
                _tcp.Bind(endPoint);
                return endPoint;
            }
            catch (SocketException) when (!_udp.IsBound && given is null)
            {
                // Free for TCP only; the next.
            }
        }
    }

    private async Task ServeUdpAsync()
    {
        var buffer = new byte[65_535];
        while (true)
        {
            try
            {
                var received = await _udp.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0));
                _ = AnswerAsync(new DnsQuestion(buffer[..received.ReceivedBytes], OverTcp: false), received.RemoteEndPoint);
            }
            catch (Exception closed) when (closed is ObjectDisposedException or SocketException)
            {
                return;
            }
        }
    }

    private async Task AnswerAsync(DnsQuestion question, EndPoint client)
    {
        _questions.Enqueue(question);
        try
        {
            foreach (var packet in await Answer(question))
            {
                await _udp.SendToAsync(packet, client);
            }
        }
        catch (Exception closed) when (closed is ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }

    private async Task ServeTcpAsync()
    {
        while (true)
        {
            try
            {
                using var socket = await _tcp.AcceptAsync();
                await using var stream = new NetworkStream(socket);
                var size = new byte[2];
                await stream.ReadExactlyAsync(size);
                var packet = new byte[BinaryPrimitives.ReadUInt16BigEndian(size)];
                await stream.ReadExactlyAsync(packet);
                var question = new DnsQuestion(packet, OverTcp: true);
                _questions.Enqueue(question);
                foreach (var answer in await Answer(question))
                {
                    var framed = new byte[2 + answer.Length];
                    BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)answer.Length);
                    answer.CopyTo(framed, 2);
                    await stream.WriteAsync(framed);
                }
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                return;
            }
            catch (IOException)
            {
                // A client that has left; the next.
            }
        }
    }
}
