using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using L4Proxy.Tests.Running;

namespace L4Proxy.Tests.Tls;

/// <summary>A connection of a client that is not ours to an end that echoes, over mutual TLS or in clear.</summary>
internal sealed class MeshCall : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly Stream _stream;

    private MeshCall(Socket socket, Stream stream) => (_socket, _stream) = (socket, stream);

    /// <summary>Serial number of the certificate the other end showed.</summary>
    public string Serial => ((X509Certificate2)((SslStream)_stream).RemoteCertificate!).SerialNumber;

    /// <param name="port">On loopback.</param>
    /// <param name="options">Null for a connection in clear.</param>
    public static async Task<MeshCall> DialAsync(int port, SslClientAuthenticationOptions? options)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var stream = Stream.Null;
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port)).WaitAsync(Patience.Limit);
            stream = new NetworkStream(socket, ownsSocket: true);
            if (options is not null)
            {
                var tls = new SslStream(stream);
                stream = tls;
                await tls.AuthenticateAsClientAsync(options).WaitAsync(Patience.Limit);
            }
            return new(socket, stream);
        }
        catch
        {
            await stream.DisposeAsync();
            socket.Dispose();
            throw;
        }
    }

    /// <summary>One whole connection: a word, its echo, and an end in order.</summary>
    public static async Task OnceAsync(int port, SslClientAuthenticationOptions? options)
    {
        await using var call = await DialAsync(port, options);
        await call.EchoAsync("ping");
        await call.EndAsync();
    }

    public async Task EchoAsync(string text)
    {
        await _stream.WriteAsync(Encoding.ASCII.GetBytes(text));
        var heard = new byte[text.Length];
        await _stream.ReadExactlyAsync(heard).AsTask().WaitAsync(Patience.Limit);
        Assert.Equal(text, Encoding.ASCII.GetString(heard));
    }

    /// <summary>Ends what we say, and waits until the other end has too.</summary>
    public async Task EndAsync()
    {
        if (_stream is SslStream tls)
        {
            await tls.ShutdownAsync();
        }
        _socket.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await _stream.ReadAsync(new byte[16]).AsTask().WaitAsync(Patience.Limit));
    }

    /// <summary>Completes when the other end cuts the connection off.</summary>
    public Task CutOffAsync() => Assert.ThrowsAsync<IOException>(() => _stream.ReadAsync(new byte[16]).AsTask().WaitAsync(Patience.Limit));

    public async ValueTask DisposeAsync() => await _stream.DisposeAsync();
}
