using System.Net;

namespace L4Proxy.Load.Running;

/// <summary>The network between generator, contender and server.</summary>
internal interface ITopology : IDisposable
{
    string Description { get; }

    /// <summary>Command words that start a process where the contenders live.</summary>
    IReadOnlyList<string> ContenderPrefix { get; }

    /// <summary>Source addresses the generator may use; several, so that short connections do not run out of ports.</summary>
    IReadOnlyList<IPAddress> Sources { get; }

    /// <summary>Where contender number <paramref name="index"/> listens.</summary>
    IPEndPoint Listen(int index);

    /// <summary>Where its server listens: an own address for each, so that one contender's TIME_WAIT is not another's cost.</summary>
    IPEndPoint Upstream(int index);

    /// <summary>
    /// An address that only the contenders' own processes reach: for what the halves of pair number <paramref name="index"/> say to each
    /// other. Each <paramref name="place"/> is an address of its own.
    /// </summary>
    IPEndPoint Inside(int index, byte place);

    /// <summary>Puts the calling thread where the contenders live.</summary>
    void EnterContender();

    /// <summary>Puts the calling thread where the server's sockets belong.</summary>
    void EnterServer();

    /// <summary>Puts the calling thread where the generator's sockets belong.</summary>
    void EnterGenerator();
}
