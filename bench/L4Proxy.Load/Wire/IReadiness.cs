namespace L4Proxy.Load.Wire;

/// <summary>What the event loop calls when a descriptor can be read or written.</summary>
internal interface IReadiness
{
    /// <summary>Called with the epoll bits; errors and hang-ups come as both bits set, so the next call finds out.</summary>
    void Ready(uint events);
}
