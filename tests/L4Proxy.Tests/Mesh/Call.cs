using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using L4Proxy.Tests.Netns;
using L4Proxy.Tests.Running;

namespace L4Proxy.Tests.Mesh;

/// <summary>A connection of somebody in a namespace to an <see cref="EchoService"/>, in clear or over TLS, that stands as long as the test wants.</summary>
internal sealed class Call : IAsyncDisposable
{
    private readonly Socket _socket;
    private Stream _stream;

    private Call(Socket socket) => (_socket, _stream) = (socket, Stream.Null);

    /// <param name="caller">Who.</param>
    /// <param name="address">IPv4 or IPv6.</param>
    /// <param name="port">Where to.</param>
    /// <param name="tls">Null for a connection in clear.</param>
    /// <param name="from">The address to call from; null for any.</param>
    public static async Task<Call> DialAsync(Caller caller, string address, int port, SslClientAuthenticationOptions? tls = null, string? from = null)
    {
        var destination = new IPEndPoint(IPAddress.Parse(address), port);
        var call = new Call(caller.Where.Open(destination.AddressFamily, caller.Uid, caller.Gid));
        try
        {
            await call.ConnectAsync(destination, tls, from);
            return call;
        }
        catch
        {
            await call.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// One whole connection: asks, hears the answer and ends in order. Or how that failed: <c>refused</c>, <c>reset</c>, <c>ended</c> for an
    /// end before any answer, <c>silence</c>.
    /// </summary>
    public static async Task<string> OnceAsync(
        Caller caller, string address, int port, SslClientAuthenticationOptions? tls = null, string? from = null, string word = "hello")
    {
        try
        {
            await using var call = await DialAsync(caller, address, port, tls, from);
            var answer = await call.AskAsync(word);
            await call.EndAsync();
            return answer;
        }
        catch (Exception failed) when (failed is SocketException or IOException or AuthenticationException or TimeoutException)
        {
            return Failure(failed);
        }
    }

    /// <summary>What is answered to a word: <c>10.77.0.3:8080 hello</c>.</summary>
    public async Task<string> AskAsync(string word)
    {
        await _stream.WriteAsync(Encoding.ASCII.GetBytes(word + "\n")).AsTask().WaitAsync(Patience.Limit);
        var (line, buffer) = (new StringBuilder(), new byte[1]);
        while (true)
        {
            if (await _stream.ReadAsync(buffer).AsTask().WaitAsync(Patience.Limit) == 0)
            {
                return "ended";
            }
            if (buffer[0] == '\n')
            {
                return line.ToString();
            }
            line.Append((char)buffer[0]);
        }
    }

    /// <summary>Ends what we say, and waits until the other end has ended too.</summary>
    public async Task EndAsync()
    {
        if (_stream is SslStream tls)
        {
            await tls.ShutdownAsync();
        }
        _socket.Shutdown(SocketShutdown.Send);
        Assert.Equal("ended", await EndingAsync());
    }

    /// <summary>How the other end ends it: <c>ended</c> or <c>reset</c>.</summary>
    public async Task<string> EndingAsync()
    {
        try
        {
            return await _stream.ReadAsync(new byte[16]).AsTask().WaitAsync(Patience.Limit) == 0 ? "ended" : "more bytes";
        }
        catch (IOException failed)
        {
            return Failure(failed);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _socket.Dispose();
    }

    private async Task ConnectAsync(IPEndPoint destination, SslClientAuthenticationOptions? tls, string? from)
    {
        _socket.NoDelay = true;
        if (from is not null)
        {
            _socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        }
        await _socket.ConnectAsync(destination).WaitAsync(Patience.Limit);
        _stream = new NetworkStream(_socket);
        if (tls is not null)
        {
            var session = new SslStream(_stream);
            _stream = session;
            await session.AuthenticateAsClientAsync(tls).WaitAsync(Patience.Limit);
        }
    }

    private static string Failure(Exception failed) => (failed as SocketException ?? failed.InnerException as SocketException)?.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => "refused",
        // EPIPE and ENOTCONN where a write or the end met the reset before a read did.
        SocketError.ConnectionReset or SocketError.Shutdown or SocketError.NotConnected => "reset",
        { } other => other.ToString(),
        null => failed is TimeoutException ? "silence" : failed.Message,
    };
}
