using System.Net;
using L4Proxy.Load.Wire;

namespace L4Proxy.Load.Server;

/// <summary>The upstream of every contender: accepts, and does what each connection's header asks for.</summary>
internal sealed class LoadServer : IReadiness, IDisposable
{
    private readonly EventLoop _loop;
    private readonly int _listener;

    internal LoadServer(EventLoop loop, IPEndPoint endPoint)
    {
        _loop = loop;
        _listener = Sockets.Listen(endPoint);
        loop.Add(_listener, this, Constants.Readable);
    }

    /// <summary>Connections accepted and not closed; each run ends at the number it began with.</summary>
    internal int Open { get; private set; }

    public void Ready(uint events)
    {
        int descriptor;
        while ((descriptor = Sockets.Accept(_listener)) >= 0)
        {
            Open++;
            _loop.Add(descriptor, new ServerConnection(_loop, descriptor, () => Open--), Constants.Readable);
        }
    }

    public void Dispose() => _loop.Close(_listener);
}
