using L4Proxy.Load.Wire;

namespace L4Proxy.Load.Generator;

/// <summary>What the generator accepts from a socket; anything else ends the run, because a run with failures must not be counted.</summary>
internal static class Outcome
{
    internal static void Connected(int descriptor)
    {
        var error = Sockets.ConnectError(descriptor);
        if (error != 0)
        {
            throw LoadException.Because("a connection to the contender failed", error);
        }
    }

    /// <summary>Bytes transferred, 0 for "not now".</summary>
    internal static int Unbroken(int result) =>
        result == Sockets.Broken ? throw new LoadException("a connection was reset under load by the contender") : Math.Max(0, result);

    /// <summary>For messages that always fit into an empty socket buffer.</summary>
    internal static void Sent(int result, int expected)
    {
        if (Unbroken(result) != expected)
        {
            throw new LoadException($"only {result} of {expected} bytes fitted into an empty socket buffer");
        }
    }
}
