using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace L4Proxy.Listening;

/// <summary>
/// Accepts connections of operators on one address. Kestrel's own listener takes every failed accept for a peer that has gone and
/// tries again at once; when descriptors are out, that is one core spent on failing until they are back.
/// </summary>
internal sealed class OperatorListener : IConnectionListener
{
    /// <summary>A probe or a scrape that comes while descriptors are out waits this much longer at most.</summary>
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(250);

    private readonly Socket _listener;
    private readonly SocketConnectionContextFactory _connections;
    private readonly CancellationTokenSource _unbound = new();
    private bool _disposed;

    /// <exception cref="AddressInUseException">Another socket has the address.</exception>
    /// <exception cref="IOException">The kernel refused to listen there; the message says why.</exception>
    public OperatorListener(IPEndPoint address, ILogger logger)
    {
        try
        {
            _listener = SocketTransportOptions.CreateDefaultBoundListenSocket(address);
            _listener.Listen();
        }
        catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new AddressInUseException(
                $"cannot listen on {address}: the address is in use; stop what listens there or choose another port", taken);
        }
        catch (SocketException refused)
        {
            throw new IOException($"cannot listen on {address}: {refused.Message}", refused);
        }
        EndPoint = _listener.LocalEndPoint!;
        _connections = new SocketConnectionContextFactory(new SocketConnectionFactoryOptions(), logger);
    }

    public EndPoint EndPoint { get; }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (!_unbound.IsCancellationRequested)
        {
            try
            {
                return _connections.Create(await _listener.AcceptAsync(_unbound.Token));
            }
            catch (SocketException failed) when (failed.SocketErrorCode
                is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable or SocketError.SocketError)
            {
                // EMFILE and ENFILE, ENOBUFS, and ENOMEM, for which .NET has no name.
                await Task.Delay(_pause, _unbound.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (SocketException)
            {
                // The peer had gone before it was accepted; the next may be well.
            }
            catch (Exception unbound) when (unbound is OperationCanceledException or ObjectDisposedException)
            {
                return null;
            }
        }
        return null;
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        if (!_unbound.IsCancellationRequested)
        {
            await _unbound.CancelAsync();
        }
        _listener.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        // Kestrel disposes of its listeners twice when a later one is refused.
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }
        await UnbindAsync();
        _unbound.Dispose();
        _connections.Dispose();
    }
}
