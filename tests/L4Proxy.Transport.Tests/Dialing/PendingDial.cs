using System.Net;
using System.Net.Sockets;
using L4Proxy.Transport.Native;
using L4Proxy.Transport.Tests.Harness;

namespace L4Proxy.Transport.Tests.Dialing;

/// <summary>A client that was accepted and for whom the test dials. What was dialled is closed at the end.</summary>
internal sealed class PendingDial : IDisposable
{
    private readonly Leg _downstream;
    private readonly List<Leg> _dialled = [];

    public PendingDial()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Client = ScriptedPeer.Connect((IPEndPoint)listener.LocalEndPoint!);
        var descriptor = Sockets.Accept((int)listener.Handle, out _);
        Assert.True(descriptor >= 0);
        _downstream = new Leg(Loop.Loop, descriptor);
        Loop.Do(_downstream.Enter);
    }

    public TestLoop Loop { get; } = new();
    public ScriptedPeer Client { get; }
    public bool EndedOnItsLoop { get; private set; }

    public DialResult Run(IPEndPoint destination, DialOptions options) => Await(Start(destination, options, default));

    /// <summary>Begins on the loop; when this returns the dial has been started there.</summary>
    public Task<DialResult> Start(IPEndPoint destination, DialOptions options, CancellationToken cancellationToken) =>
        Loop.On(_ => DialAsync(destination, options, cancellationToken));

    public static T Await<T>(Task<T> task) => task.WaitAsync(Patience.Limit).GetAwaiter().GetResult();

    private async Task<DialResult> DialAsync(IPEndPoint destination, DialOptions options, CancellationToken cancellationToken)
    {
        var result = await Dialer.DialAsync(_downstream, destination, options, cancellationToken);
        EndedOnItsLoop = Loop.Loop.IsCurrent;
        if (result.Leg is { } leg)
        {
            _dialled.Add(leg);
        }
        return result;
    }

    public void Dispose()
    {
        Client.Dispose();
        Loop.Do(() =>
        {
            _downstream.Close(reset: true);
            _dialled.ForEach(leg => leg.Close(reset: true));
        });
        Loop.Dispose();
    }
}
