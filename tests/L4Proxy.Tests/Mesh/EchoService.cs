using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using L4Proxy.Tests.Netns;

namespace L4Proxy.Tests.Mesh;

/// <summary>
/// A service that answers each line with the address it was reached at and the line: <c>10.77.0.3:8080 hello</c>. In clear, or with TLS of
/// its own.
/// </summary>
internal sealed class EchoService(NetworkNamespace where, int port, SslServerAuthenticationOptions? tls = null) : IAsyncDisposable
{
    private const uint Uid = 1000;

    private readonly Server _server = new(where, port, (accepted, cancellationToken) => ServeAsync(accepted, tls, cancellationToken), Uid, Uid);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static async Task ServeAsync(Socket accepted, SslServerAuthenticationOptions? tls, CancellationToken cancellationToken)
    {
        accepted.NoDelay = true;
        var here = Encoding.ASCII.GetBytes(
            new IPEndPoint(Server.Address(accepted.LocalEndPoint!), ((IPEndPoint)accepted.LocalEndPoint!).Port).ToString() + " ");
        await using var wire = new NetworkStream(accepted);
        try
        {
            if (tls is null)
            {
                await AnswerAsync(wire, here, cancellationToken);
                return;
            }
            await using var session = new SslStream(wire);
            await session.AuthenticateAsServerAsync(tls, cancellationToken);
            await AnswerAsync(session, here, cancellationToken);
            await session.ShutdownAsync();
        }
        catch (Exception ended) when (ended is IOException or AuthenticationException)
        {
            // The caller was cut off or is not believed; a test asks the caller or the log.
        }
    }

    private static async Task AnswerAsync(Stream stream, byte[] here, CancellationToken cancellationToken)
    {
        var (buffer, isNewLine) = (new byte[512], true);
        for (int length; (length = await stream.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            using var answer = new MemoryStream();
            foreach (var letter in buffer.AsSpan(0, length))
            {
                if (isNewLine)
                {
                    answer.Write(here);
                }
                answer.WriteByte(letter);
                isNewLine = letter == '\n';
            }
            await stream.WriteAsync(answer.ToArray(), cancellationToken);
        }
    }
}
