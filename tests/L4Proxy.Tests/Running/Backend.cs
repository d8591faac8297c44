using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace L4Proxy.Tests.Running;

/// <summary>An upstream: hands out accepted connections one by one, or serves each of them by itself.</summary>
internal sealed class Backend : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Channel<Socket> _accepted = Channel.CreateUnbounded<Socket>();
    private readonly List<Socket> _all = [];
    private readonly Task _accepting;

    public Backend(Func<Socket, Task>? serve = null)
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(4096);
        _accepting = AcceptAsync(serve);
    }

    public IPEndPoint Address => (IPEndPoint)_listener.LocalEndPoint!;

    /// <summary>Gives back what it gets until its peer has ended, then ends too.</summary>
    public static Backend Echo() => new(async socket =>
    {
        var buffer = new byte[4096];
        int length;
        while ((length = await socket.ReceiveAsync(buffer)) > 0)
        {
            await socket.SendAsync(buffer.AsMemory(0, length));
        }
        socket.Dispose();
    });

    /// <summary>The next connection nobody has taken yet.</summary>
    public Task<Socket> AcceptAsync() => _accepted.Reader.ReadAsync().AsTask().WaitAsync(Patience.Limit);

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
        foreach (var socket in _all)
        {
            socket.Dispose();
        }
    }

    private async Task AcceptAsync(Func<Socket, Task>? serve)
    {
        while (true)
        {
            try
            {
                var socket = await _listener.AcceptAsync();
                socket.NoDelay = true;
                _all.Add(socket);
                await _accepted.Writer.WriteAsync(socket);
                _ = serve is null ? null : ServeAsync(socket, serve);
            }
            catch (Exception closed) when (closed is ObjectDisposedException or SocketException)
            {
                return;
            }
        }
    }

    private static async Task ServeAsync(Socket socket, Func<Socket, Task> serve)
    {
        try
        {
            await serve(socket);
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
        {
            socket.Dispose();
        }
    }
}
