namespace L4Proxy.Transport;

/// <summary>What epoll can name: a leg or an acceptor. The only base class of the transport.</summary>
public abstract class LoopSocket
{
    /// <summary>The kernel has news about this socket. Called on its loop.</summary>
    internal abstract void OnEvents(uint events);

    /// <summary>Closes the descriptor at once because the loop ends.</summary>
    internal abstract void OnLoopEnded();
}
