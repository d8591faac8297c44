using System.Net;
using System.Net.Sockets;
using System.Text;

namespace L4Proxy.Tests.Netns;

/// <summary>Somebody in a namespace who connects and says how it ended: what was read until the end, or <c>refused</c>, <c>reset</c>, <c>timed out</c>.</summary>
internal sealed record Caller(NetworkNamespace Where, uint Uid = 0, uint Gid = 0)
{
    /// <summary>Nothing here leaves the machine; what takes this long does not answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <param name="address">IPv4 or IPv6.</param>
    /// <param name="port">Where to.</param>
    /// <param name="fromPort">The port to call from, even if it was used a moment ago; 0 for any.</param>
    /// <param name="say">What to send first.</param>
    public async Task<string> CallAsync(string address, int port, int fromPort = 0, string say = "")
    {
        var destination = new IPEndPoint(IPAddress.Parse(address), port);
        using var socket = Where.Open(destination.AddressFamily, Uid, Gid);
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            if (fromPort != 0)
            {
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
                socket.Bind(new IPEndPoint(destination.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, fromPort));
            }

            await socket.ConnectAsync(destination, patience.Token);
            if (say.Length > 0)
            {
                await socket.SendAsync(Encoding.ASCII.GetBytes(say), patience.Token);
            }

            return await ReadToEndAsync(socket, patience.Token);
        }
        catch (SocketException failed)
        {
            return failed.SocketErrorCode switch
            {
                SocketError.ConnectionRefused => "refused",
                SocketError.ConnectionReset => "reset",
                _ => failed.SocketErrorCode.ToString(),
            };
        }
        catch (OperationCanceledException)
        {
            return "timed out";
        }
    }

    public static async Task<string> ReadToEndAsync(Socket socket, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        var buffer = new byte[512];
        for (int read; (read = await socket.ReceiveAsync(buffer, cancellationToken)) > 0;)
        {
            text.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }

        return text.ToString();
    }
}
