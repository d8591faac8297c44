using System.Net;
using System.Net.Sockets;
using L4Proxy.Load.Wire;

namespace L4Proxy.Load.Running;

/// <summary>Everything on this host's loopback.</summary>
internal sealed class Loopback : ITopology
{
    // Below 32768 lie no ephemeral ports, so no outgoing connection can take one of these away.
    private const int FirstPort = 20_000;
    private const int LastPort = 32_000;

    private readonly int _port = FreePort(FirstPort);

    public string Description => "loopback";

    public IReadOnlyList<string> ContenderPrefix => [];

    public IReadOnlyList<IPAddress> Sources { get; } = [.. Enumerable.Range(1, 16).Select(last => new IPAddress([127, 0, 2, (byte)last]))];

    public IPEndPoint Listen(int index) => new(new IPAddress([127, 0, 0, (byte)(index + 1)]), _port);

    public IPEndPoint Upstream(int index) => new(new IPAddress([127, 0, 1, (byte)(index + 1)]), _port);

    public IPEndPoint Inside(int index, byte place) => new(new IPAddress([127, 0, place, (byte)(index + 1)]), _port);

    public void EnterContender()
    {
    }

    public void EnterServer()
    {
    }

    public void EnterGenerator()
    {
    }

    public void Dispose()
    {
    }

    /// <summary>A port nobody uses on any address, from <paramref name="start"/> upwards.</summary>
    internal static int FreePort(int start = FirstPort)
    {
        for (var port = start + Random.Shared.Next(1000); port < LastPort; port++)
        {
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                probe.Bind(new IPEndPoint(IPAddress.Any, port));
                return port;
            }
            catch (SocketException)
            {
                // Taken: try the next one.
            }
        }
        throw new LoadException($"no free port between {start} and {LastPort}");
    }
}
