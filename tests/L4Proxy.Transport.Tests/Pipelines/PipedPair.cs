using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using L4Proxy.Transport.Pipelines;

namespace L4Proxy.Transport.Tests.Pipelines;

/// <summary>A leg with a pipe over it on a loop of its own, and the ordinary socket at the other end.</summary>
internal sealed class PipedPair : IAsyncDisposable
{
    public PipedPair(int receiveBuffer = 0, TransportSettings? settings = null)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        if (receiveBuffer > 0)
        {
            // Before listen: the window scale is fixed in the handshake.
            listener.ReceiveBufferSize = receiveBuffer;
        }
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Loop = new EventLoop(0, settings ?? new TransportSettings());
        Loop.Start();
        var descriptor = Native.Sockets.Create(ipv6: false);
        Native.Sockets.Connect(descriptor, (IPEndPoint)listener.LocalEndPoint!);
        Peer = listener.Accept();
        Peer.NoDelay = true;
        Leg = new Leg(Loop, descriptor);
        Pipe = new LegPipe(Leg);
    }

    public EventLoop Loop { get; }
    public Leg Leg { get; }
    public LegPipe Pipe { get; }
    public Socket Peer { get; }
    public LegPipeReader Input => (LegPipeReader)Pipe.Input;
    public LegPipeWriter Output => (LegPipeWriter)Pipe.Output;

    public static string Text(ReadOnlySequence<byte> bytes) => Encoding.ASCII.GetString(bytes);

    public void PeerSends(string text) => Peer.Send(Encoding.ASCII.GetBytes(text));

    public string PeerReceives(int bytes)
    {
        var buffer = new byte[bytes];
        var count = 0;
        while (count < bytes && Peer.Receive(buffer.AsSpan(count)) is > 0 and var received)
        {
            count += received;
        }
        return Encoding.ASCII.GetString(buffer, 0, count);
    }

    /// <summary>Closes the peer's end with a reset.</summary>
    public void PeerResets()
    {
        Peer.LingerState = new LingerOption(enable: true, seconds: 0);
        Peer.Close();
    }

    /// <summary>Runs on the loop; the test goes on elsewhere.</summary>
    public Task<T> OnLoop<T>(Func<ValueTask<T>> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Loop.Post(_ => _ = RunAsync(), null);
        return done.Task.WaitAsync(TimeSpan.FromSeconds(60));

        async Task RunAsync()
        {
            try
            {
                done.SetResult(await work());
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
        }
    }

    public Task OnLoop(Func<ValueTask> work) => OnLoop(async () =>
    {
        await work();
        return true;
    });

    public Task<T> OnLoop<T>(Func<T> work) => OnLoop(() => new ValueTask<T>(work()));

    public Task OnLoop(Action work) => OnLoop(() =>
    {
        work();
        return true;
    });

    /// <summary>Completes when the kernel has the peer's bytes for the leg, without taking them.</summary>
    public Task UntilArrived(int bytes) => OnLoop(async () =>
    {
        var seen = new byte[bytes];
        Leg.Enter();
        while (Leg.TryPeek(seen).Bytes < bytes)
        {
            await Leg.MoreToReadAsync();
        }
    });

    public Task<int> Rented() => OnLoop(() => Loop.Buffers.Rented);

    public async ValueTask DisposeAsync()
    {
        Peer.Dispose();
        await OnLoop(() => Leg.Abort(Native.Errno.ECANCELED));
        await OnLoop(Pipe.DisposeAsync);
        Assert.Equal(0, await Rented());
        Loop.Dispose();
    }
}
