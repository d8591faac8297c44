using System.Net;
using System.Net.Sockets;
using System.Text;

namespace L4Proxy.Tests.Netns;

/// <summary>Listens on one port of a namespace, every address of both families, and hands each accepted connection over until disposed.</summary>
internal sealed class Server : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    public Server(NetworkNamespace where, int port, Func<Socket, CancellationToken, Task> serve, uint uid = 0, uint gid = 0, Action<Socket>? configure = null)
    {
        _listener = where.Open(AddressFamily.InterNetworkV6, uid, gid);
        _listener.DualMode = true;
        configure?.Invoke(_listener);
        _listener.Bind(new IPEndPoint(IPAddress.IPv6Any, port));
        _listener.Listen(128);
        _accepting = AcceptAsync(serve);
    }

    /// <summary>An application that says its port and who is calling, and closes: <c>APP8080[from 10.77.0.1]</c>.</summary>
    public static Server Application(NetworkNamespace where, int port, uint uid = 1000) => new(
        where,
        port,
        async (accepted, cancellationToken) =>
        {
            var greeting = $"APP{port}[from {Address(accepted.RemoteEndPoint!)}]";
            await accepted.SendAsync(Encoding.ASCII.GetBytes(greeting), cancellationToken);
        },
        uid,
        uid);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    internal static IPAddress Address(EndPoint endPoint) =>
        ((IPEndPoint)endPoint).Address is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : ((IPEndPoint)endPoint).Address;

    private async Task AcceptAsync(Func<Socket, CancellationToken, Task> serve)
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                serving.RemoveAll(task => task.IsCompleted);
                serving.Add(ServeAsync(await _listener.AcceptAsync(_stop.Token), serve));
            }
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(Socket accepted, Func<Socket, CancellationToken, Task> serve)
    {
        using (accepted)
        {
            try
            {
                await serve(accepted, _stop.Token);
            }
            catch (Exception ended) when (ended is SocketException or OperationCanceledException)
            {
                accepted.LingerState = new LingerOption(true, 0); // The other side failed: say so with a reset.
            }
        }
    }
}
