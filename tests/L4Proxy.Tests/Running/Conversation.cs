using System.Net.Sockets;
using System.Text;

namespace L4Proxy.Tests.Running;

/// <summary>What tests do with a socket, in words.</summary>
internal static class Conversation
{
    public static async Task SayAsync(this Socket socket, string text) => await socket.SendAsync(Encoding.ASCII.GetBytes(text));

    /// <summary>So many characters as <paramref name="text"/> has, which must be those.</summary>
    public static async Task HearAsync(this Socket socket, string text)
    {
        var buffer = new byte[text.Length];
        for (var at = 0; at < buffer.Length;)
        {
            var length = await socket.ReceiveAsync(buffer.AsMemory(at)).AsTask().WaitAsync(Patience.Limit);
            Assert.True(length > 0, $"the connection ended after '{Encoding.ASCII.GetString(buffer, 0, at)}' instead of '{text}'");
            at += length;
        }
        Assert.Equal(text, Encoding.ASCII.GetString(buffer));
    }

    /// <summary>One round trip with an echoing upstream.</summary>
    public static async Task EchoAsync(this Socket socket, string text)
    {
        await socket.SayAsync(text);
        await socket.HearAsync(text);
    }

    /// <summary>What the other side ended with, whatever it said before: <c>FIN</c> or the name of the error.</summary>
    public static async Task<string> EndAsync(this Socket socket)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await socket.ReceiveAsync(buffer).WaitAsync(Patience.Limit) > 0)
            {
            }
            return "FIN";
        }
        catch (SocketException failed)
        {
            return failed.SocketErrorCode == SocketError.ConnectionReset ? "RST" : failed.SocketErrorCode.ToString();
        }
    }

    /// <summary>Closes with RST.</summary>
    public static void Reset(this Socket socket)
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Dispose();
    }
}
