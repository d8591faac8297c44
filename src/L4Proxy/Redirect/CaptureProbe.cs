using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace L4Proxy.Redirect;

/// <summary>What one family's probe met.</summary>
/// <param name="Captured">Whether the probe arrived inbound with exactly the original destination it was sent to.</param>
/// <param name="Destination">Where the probe was sent.</param>
/// <param name="Sentence">What was seen, and what would do when that is not capture.</param>
internal sealed record CaptureEvidence(bool Captured, IPEndPoint Destination, string Sentence);

/// <summary>The proof of every family that was asked for; capture is proven when all of them are.</summary>
internal sealed record CaptureProof(IReadOnlyList<CaptureEvidence> Families)
{
    public bool Captured => Families.Count > 0 && Families.All(family => family.Captured);
}

/// <summary>
/// Proves that connections are captured, without leaving the host: the proxy's uid connects to an address nobody listens on. With the
/// rules in place it arrives on the inbound port as a call of the proxy to its own pod; without them it is refused.
/// Whoever accepts on the inbound port answers with one line that names the original destination it saw and the instance it is.
/// </summary>
internal static class CaptureProbe
{
    /// <summary>Istio's port for the same purpose; no workload may listen on it.</summary>
    public const int Port = 15002;

    /// <summary>In 127.0.0.0/8, so always local; not 127.0.0.1, which the rules leave alone.</summary>
    public static readonly IPAddress Ipv4 = new([127, 6, 7, 8]);

    /// <summary>All of it happens inside one kernel: what takes longer than 2 s is not captured.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);

    private const string Greeting = "l4proxy-capture";

    /// <summary>
    /// The line to answer when an accepted connection is a probe; null for everybody else's. Only the proxy itself can send one: over IPv4
    /// by the address, over IPv6 because it calls the very address it calls from.
    /// </summary>
    public static string? Answer(IPEndPoint originalDestination, IPAddress downstream, string instance)
    {
        var isProbe = originalDestination.Port == Port
            && (originalDestination.Address.Equals(Ipv4)
                || (originalDestination.AddressFamily == AddressFamily.InterNetworkV6 && originalDestination.Address.Equals(downstream)));
        return isProbe ? $"{Greeting} {originalDestination} {instance}\n" : null;
    }

    /// <summary>Connects as this process, which must run as the proxy's uid, and reads who answers. Does not throw for anything the network does.</summary>
    /// <param name="inboundPort">For the sentences.</param>
    /// <param name="ipv6">One of this host's own addresses, neither link-local nor loopback; null where IPv6 is not captured.</param>
    /// <param name="instance">Who has to answer; null takes any proxy's answer.</param>
    /// <param name="cancellationToken">Ends the proof early.</param>
    public static async Task<CaptureProof> ProveAsync(int inboundPort, IPAddress? ipv6, string? instance, CancellationToken cancellationToken)
    {
        var families = new List<CaptureEvidence>(2);
        foreach (var address in ipv6 is null ? [Ipv4] : new[] { Ipv4, ipv6 })
        {
            families.Add(await ProveAsync(new IPEndPoint(address, Port), inboundPort, instance, cancellationToken));
        }

        return new CaptureProof(families);
    }

    private static async Task<CaptureEvidence> ProveAsync(IPEndPoint destination, int inboundPort, string? instance, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Deadline);
        try
        {
            using var socket = new Socket(destination.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(destination, deadline.Token);
            return Judge(destination, inboundPort, instance, await ReadLineAsync(socket, deadline.Token));
        }
        catch (SocketException refused) when (refused.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return Missing(
                $"was refused: there are no rules here for the uid of this process, or nobody accepts on port {inboundPort}; run 'l4proxy redirect apply'");
        }
        catch (SocketException failed)
        {
            return Missing($"failed: {failed.Message}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Missing($"was accepted but not answered within {Deadline.TotalSeconds:0} s: the proxy on port {inboundPort} is stuck");
        }

        CaptureEvidence Missing(string what) => new(false, destination, $"Not captured: the probe to {destination} {what}.");
    }

    private static CaptureEvidence Judge(IPEndPoint destination, int inboundPort, string? instance, string line)
    {
        var words = line.TrimEnd('\n').Split(' ');
        if (words is not [Greeting, var seen, var who])
        {
            return new(false, destination, $"Not captured: something other than the proxy answered at {destination}; no workload may listen on port {Port}.");
        }

        if (!string.Equals(seen, destination.ToString(), StringComparison.Ordinal))
        {
            return new(false, destination, $"Not captured: the probe to {destination} arrived with the original destination {seen}.");
        }

        return instance is null || string.Equals(who, instance, StringComparison.Ordinal)
            ? new(true, destination, string.Create(
                CultureInfo.InvariantCulture, $"Captured: {destination} arrived on port {inboundPort} with exactly that original destination."))
            : new(false, destination, $"Not captured by this proxy: instance {who} answered instead of {instance}; two proxies share port {inboundPort}.");
    }

    private static async Task<string> ReadLineAsync(Socket socket, CancellationToken cancellationToken)
    {
        // The answer is one short segment; 256 bytes hold the longest address and instance many times over.
        var buffer = new byte[256];
        var length = 0;
        while (length < buffer.Length && buffer.AsSpan(0, length).IndexOf((byte)'\n') < 0)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
            if (read == 0)
            {
                break;
            }

            length += read;
        }

        return Encoding.ASCII.GetString(buffer, 0, length);
    }
}
