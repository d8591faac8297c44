using System.Net;

namespace L4Proxy.Core.Detection;

/// <summary>What the bytes that have arrived are. Any but <see cref="NeedMore"/> is final: no byte that follows changes it.</summary>
public enum ProxyHeaderStatus : byte
{
    /// <summary>The beginning of a header so far.</summary>
    NeedMore,

    /// <summary>Not a header, or one that breaks a rule. The connection has to end: nobody knows where its own bytes begin.</summary>
    Invalid,

    /// <summary>A whole header.</summary>
    Complete,
}

/// <summary>A header of the PROXY protocol, version 1 or 2, as a proxy before us wrote it.</summary>
/// <param name="Length">Bytes of the header if complete, else 0. They are to be taken; the connection's own bytes begin after them.</param>
/// <param name="Source">Who connected to that proxy, or null: then it spoke for itself or could not say, and the socket's address counts.</param>
/// <param name="Destination">Where they connected to, or null together with <paramref name="Source"/>.</param>
/// <param name="Problem">Which rule an invalid header breaks, in words for a person and without any byte of the peer; else null.</param>
public readonly record struct ProxyHeader(int Length, IPEndPoint? Source, IPEndPoint? Destination, string? Problem)
{
    internal static ProxyHeaderStatus Invalid(string problem, out ProxyHeader header)
    {
        header = new ProxyHeader(0, null, null, problem);
        return ProxyHeaderStatus.Invalid;
    }

    internal static ProxyHeaderStatus NeedMore(out ProxyHeader header)
    {
        header = default;
        return ProxyHeaderStatus.NeedMore;
    }
}
