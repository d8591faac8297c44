using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using L4Proxy.Tests.Running;

namespace L4Proxy.Tests.Tls.Captured;

/// <summary>Who of the two applications speaks first.</summary>
public enum First
{
    Client,
    Server,
    Nobody,
}

/// <summary>A conversation between two applications, each side of it, in clear or inside of their or our TLS.</summary>
internal static class Turns
{
    private const string Greeting = "220 ready\n";
    private const string Goodbye = "221 goodbye\n";

    // The first line says nothing that anybody could take for a protocol; the rest is many buffers long.
    private static readonly byte[] _question = Encoding.ASCII.GetBytes("~ question ~\n" + string.Concat(Enumerable.Repeat("0123456789abcdef", 10_000)));

    /// <summary>What the client says in such a conversation.</summary>
    public static byte[] Said(First first) => first switch
    {
        First.Client => _question,
        First.Server => "QUIT\n"u8.ToArray(),
        _ => [],
    };

    /// <summary>
    /// The client's side. Ends in order, or with what a refusal throws; an end before the server has said a word is one too: SslStream closes
    /// without an alert when a certificate is refused.
    /// </summary>
    /// <param name="stream">To the server.</param>
    /// <param name="endAsync">Ends what the client says.</param>
    /// <param name="first">Who begins.</param>
    /// <param name="met">For a silent conversation: when the server has got it.</param>
    public static async Task AskAsync(Stream stream, Func<Task> endAsync, First first, Task met)
    {
        switch (first)
        {
            case First.Client:
                await stream.WriteAsync(_question);
                await endAsync();
                Assert.Equal(Encoding.ASCII.GetString(_question), NotNothing(await TextAsync(stream)));
                break;
            case First.Server:
                Assert.Equal(Greeting, NotNothing(await LineAsync(stream)));
                await stream.WriteAsync(Said(first));
                await endAsync();
                Assert.Equal(Goodbye, await TextAsync(stream));
                break;
            default:
                var silence = TextAsync(stream);
                if (await Task.WhenAny(silence, met).WaitAsync(Patience.Limit) == silence)
                {
                    NotNothing(await silence);
                }
                await endAsync();
                Assert.Empty(await silence);
                break;
        }
    }

    /// <summary>The server's side, up to and without its end.</summary>
    public static async Task ServeAsync(Stream stream, First first)
    {
        switch (first)
        {
            case First.Client:
                await stream.CopyToAsync(stream);
                break;
            case First.Server:
                await stream.WriteAsync(Encoding.ASCII.GetBytes(Greeting));
                await RestAsync(stream);
                await stream.WriteAsync(Encoding.ASCII.GetBytes(Goodbye));
                break;
            default:
                Assert.Empty(await RestAsync(stream));
                break;
        }
    }

    /// <summary>How a client in clear was refused: <c>reset</c>, or the name of the error.</summary>
    public static string Refusal(Exception failure) => (failure as SocketException ?? failure.InnerException as SocketException)?.SocketErrorCode switch
    {
        // EPIPE and ENOTCONN where a write or the end met the reset before a read did.
        SocketError.ConnectionReset or SocketError.Shutdown or SocketError.NotConnected => "reset",
        { } other => other.ToString(),
        null => throw new InvalidOperationException("a client failed otherwise than by a refusal", failure),
    };

    public static async Task EndAsync(Stream stream, Socket socket)
    {
        if (stream is SslStream tls)
        {
            await tls.ShutdownAsync();
        }
        socket.Shutdown(SocketShutdown.Send);
    }

    public static async Task<string> LineAsync(Stream stream)
    {
        var (line, buffer) = (new StringBuilder(), new byte[1]);
        while ((line.Length == 0 || line[^1] != '\n') && await stream.ReadAsync(buffer).AsTask().WaitAsync(Patience.Limit) > 0)
        {
            line.Append((char)buffer[0]);
        }
        return line.ToString();
    }

    private static async Task<string> TextAsync(Stream stream) => Encoding.ASCII.GetString(await RestAsync(stream));

    private static string NotNothing(string heard) => heard.Length > 0 ? heard : throw new EndOfStreamException("the server ended without a word");

    public static async Task<byte[]> RestAsync(Stream stream)
    {
        using var rest = new MemoryStream();
        await stream.CopyToAsync(rest).WaitAsync(Patience.Limit);
        return rest.ToArray();
    }
}
