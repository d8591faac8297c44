using System.Net;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using L4Proxy.Transport.Native;
using Microsoft.AspNetCore.Connections;

namespace L4Proxy.Transport.Hosting;

/// <summary>
/// One address, one listening socket per loop (SO_REUSEPORT), one queue toward Kestrel's accept loop. Kestrel's continuation runs
/// inline on the loop that accepted: its single hop to the pool is the only one a connection makes.
/// </summary>
internal sealed class LoopListener : IConnectionListener
{
    private readonly Channel<ConnectionContext> _accepted = Channel.CreateUnbounded<ConnectionContext>(
        new UnboundedChannelOptions { SingleReader = true, AllowSynchronousContinuations = true });
    private readonly List<(EventLoop Loop, Acceptor Acceptor)> _acceptors = [];
    private readonly IPEndPoint _address;

    /// <exception cref="AddressInUseException">Another socket has the address, this process's or another's.</exception>
    /// <exception cref="IOException">The kernel refused to listen there; the message says what would do.</exception>
    public LoopListener(LoopEndPoint endPoint, EventLoops loops)
    {
        var share = loops.All.Count > 1;
        if (share && endPoint.Address.Port != 0)
        {
            // With SO_REUSEPORT a second proxy of the same user would silently share the port; without it the kernel objects.
            ListeningSocket.ThrowIfTaken(endPoint);
        }
        _address = endPoint.Address;
        var bindTo = endPoint;
        try
        {
            foreach (var loop in loops.All)
            {
                var descriptor = ListeningSocket.Open(bindTo, share, loops.Settings);
                var acceptor = new Acceptor(loop, descriptor, OnAccepted, OnDied);
                _acceptors.Add((loop, acceptor));
                // Port 0 is chosen once; the other loops share what the first one got.
                _address = new IPEndPoint(endPoint.Address.Address, acceptor.LocalEndPoint!.Port);
                bindTo = new LoopEndPoint(_address) { Transparent = endPoint.Transparent };
            }
        }
        catch
        {
            foreach (var (_, acceptor) in _acceptors)
            {
                acceptor.Close();
            }
            throw;
        }
        EndPoint = new LoopEndPoint(_address) { Transparent = endPoint.Transparent };
        foreach (var (loop, acceptor) in _acceptors)
        {
            loop.Post(static acceptor => ((Acceptor)acceptor!).Start(), acceptor);
        }
    }

    public EndPoint EndPoint { get; }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _accepted.Reader.WaitToReadAsync(cancellationToken))
        {
            if (_accepted.Reader.TryRead(out var connection))
            {
                return connection;
            }
        }
        return null;
    }

    /// <remarks>Not cancellable: it takes a turn of each loop, and a host in a hurry must not leave listeners open behind it.</remarks>
    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        await Task.WhenAll(_acceptors.Select(entry =>
        {
            var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            entry.Loop.Post(_ =>
            {
                entry.Acceptor.Close();
                closed.SetResult();
            }, null);
            return closed.Task;
        }));
        _accepted.Writer.TryComplete();
    }

    public async ValueTask DisposeAsync()
    {
        await UnbindAsync();
        // What was accepted and never collected is closed here; nobody else knows of it.
        while (_accepted.Reader.TryRead(out var connection))
        {
            await connection.DisposeAsync();
        }
    }

    private void OnAccepted(Leg leg, IPEndPoint peer)
    {
        if (!_accepted.Writer.TryWrite(new LoopConnection(leg, peer, _address)))
        {
            leg.Close(reset: true);
        }
    }

    private void OnDied(Errno error) =>
        _accepted.Writer.TryComplete(new IOException($"the listener {_address} died: {error}; nothing is accepted there any more"));
}
