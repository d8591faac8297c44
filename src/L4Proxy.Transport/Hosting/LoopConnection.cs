using System.Collections;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using L4Proxy.Transport.Native;
using L4Proxy.Transport.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace L4Proxy.Transport.Hosting;

/// <summary>An accepted connection as its middleware sees it: the last one takes the leg itself and needs no pipe.</summary>
public interface ILegFeature
{
    /// <summary>The downstream leg. Await <see cref="Leg.EnterLoopAsync"/> before anything else.</summary>
    Leg Leg { get; }

    /// <summary>Who connected.</summary>
    IPEndPoint Peer { get; }

    /// <summary>Where the listener is bound; the connection's own local address is asked from the leg.</summary>
    IPEndPoint Listener { get; }
}

/// <summary>A leg in Kestrel's words. Everything that most connections never ask for is made when asked for.</summary>
internal sealed class LoopConnection(Leg leg, IPEndPoint peer, IPEndPoint listener)
    : ConnectionContext, ILegFeature, IConnectionIdFeature, IConnectionTransportFeature, IConnectionItemsFeature,
      IConnectionLifetimeFeature, IConnectionEndPointFeature, IFeatureCollection
{
    private static long _lastId;

    private string? _connectionId;
    private CancellationTokenSource? _closed;
    private IDictionary<object, object?>? _items;
    private IDuplexPipe? _transport;
    private ConnectionFeatures _features;
    private bool _disposed;

    public Leg Leg => leg;
    public IPEndPoint Peer => peer;
    public IPEndPoint Listener => listener;

    /// <remarks>Kestrel asks for it a handful of times, and keeps it.</remarks>
    public override string ConnectionId
    {
        get => _connectionId ??= Interlocked.Increment(ref _lastId).ToString("x", CultureInfo.InvariantCulture);
        set => throw new NotSupportedException("connection ids are given by the transport");
    }

    public override IFeatureCollection Features => this;

    bool IFeatureCollection.IsReadOnly => false;

    int IFeatureCollection.Revision => _features.Revision;

    object? IFeatureCollection.this[Type key]
    {
        get => _features.Get(key) ?? (key.IsInstanceOfType(this) ? this : null);
        set => _features.Set(key, value);
    }

    TFeature? IFeatureCollection.Get<TFeature>()
        where TFeature : default => (TFeature?)Features[typeof(TFeature)];

    void IFeatureCollection.Set<TFeature>(TFeature? instance)
        where TFeature : default => _features.Set(typeof(TFeature), instance);

    IEnumerator<KeyValuePair<Type, object>> IEnumerable<KeyValuePair<Type, object>>.GetEnumerator() => _features.All().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _features.All().GetEnumerator();

    public override IDictionary<object, object?> Items
    {
        get => _items ??= new Dictionary<object, object?>();
        set => _items = value;
    }

    public override IDuplexPipe Transport
    {
        get => _transport ??= new LegPipe(leg);
        set => _transport = value;
    }

    public override EndPoint? RemoteEndPoint
    {
        get => peer;
        set => throw new NotSupportedException("the peer's address comes from the kernel");
    }

    public override EndPoint? LocalEndPoint
    {
        get => leg.LocalEndPoint;
        set => throw new NotSupportedException("the local address comes from the kernel");
    }

    public override CancellationToken ConnectionClosed
    {
        get
        {
            if (_closed is null)
            {
                Interlocked.CompareExchange(ref _closed, new CancellationTokenSource(), null);
            }
            return _closed.Token;
        }
        set => throw new NotSupportedException("the transport says when a connection is closed");
    }

    public override void Abort() => leg.Loop.Post(static leg => ((Leg)leg!).Abort(Errno.ECANCELED), leg);

    public override void Abort(ConnectionAbortedException abortReason) => Abort();

#pragma warning disable CA2215 // The base class has nothing to dispose.
    public override async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }
        _disposed = true;
        if (_transport is LegPipe pipe)
        {
            await pipe.DisposeAsync();
        }
        if (leg.Loop.IsCurrent)
        {
            leg.Close(reset: true);
        }
        else
        {
            leg.Loop.Post(static leg => ((Leg)leg!).Close(reset: true), leg);
        }
        if (_closed is not null)
        {
            await _closed.CancelAsync();
            _closed.Dispose();
        }
    }
#pragma warning restore CA2215
}
