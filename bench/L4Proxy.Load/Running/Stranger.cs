using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using L4Proxy.Load.Certificates;
using L4Proxy.Load.Wire;

namespace L4Proxy.Load.Running;

/// <summary>Someone from outside the mesh, who believes whoever shows any certificate and must be believed by nobody.</summary>
internal sealed class Stranger : IDisposable
{
    private const int Patience = 5_000;

    private readonly Socket _listener;
    private readonly SslServerAuthenticationOptions _options;

    internal Stranger(IPEndPoint listen, Credentials credentials)
    {
        _options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = Context(credentials),
            ClientCertificateRequired = true,
            RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null,
        };
        _listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(listen);
        _listener.Listen();
    }

    /// <summary>Calls a terminating proxy with a certificate of another root, or with none.</summary>
    internal static void MustBeRefusedAsClient(string name, IPEndPoint proxy, Credentials? credentials)
    {
        using var socket = Call(proxy);
        using var stream = new SslStream(new NetworkStream(socket));
        try
        {
            stream.AuthenticateAsClient(new SslClientAuthenticationOptions
            {
                TargetHost = MeshCredentials.ServerName,
                ClientCertificateContext = credentials is null ? null : Context(credentials),
                RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null,
            });
            // In TLS 1.3 a client is done before the server has seen its certificate: the refusal comes with the first read.
            stream.Write(Message());
            if (stream.Read(new byte[1]) == 0)
            {
                return;
            }
        }
        catch (Exception failure) when (failure is AuthenticationException or IOException)
        {
            if (!IsSilence(failure))
            {
                return;
            }
        }
        throw new LoadException($"{name}: the terminating proxy accepts a client {(credentials is null ? "without a certificate" : "with a certificate of another root")}");
    }

    /// <summary>Waits for an originating proxy, which comes because someone talks to it at <paramref name="proxy"/>.</summary>
    internal void MustBeRefusedAsServer(string name, IPEndPoint proxy)
    {
        using var client = Call(proxy);
        client.Send(Message());
        // The proxy may come more than once: it was called when it was started, and some try again.
        for (var clock = Stopwatch.StartNew(); !client.Poll(10_000, SelectMode.SelectRead);)
        {
            if (_listener.Poll(10_000, SelectMode.SelectRead))
            {
                Answer(name);
            }
            if (clock.ElapsedMilliseconds > 3 * Patience)
            {
                throw new LoadException($"{name}: the originating proxy neither came nor gave up");
            }
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Answer(string name)
    {
        using var socket = _listener.Accept();
        socket.ReceiveTimeout = Patience;
        using var stream = new SslStream(new NetworkStream(socket));
        try
        {
            stream.AuthenticateAsServer(_options);
            if (stream.Read(new byte[1]) == 0)
            {
                return;
            }
        }
        catch (Exception failure) when (failure is AuthenticationException or IOException)
        {
            if (!IsSilence(failure))
            {
                return;
            }
        }
        throw new LoadException($"{name}: the originating proxy talks to a server with a certificate of another root");
    }

    private static Socket Call(IPEndPoint proxy)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = Patience };
        socket.Connect(proxy);
        return socket;
    }

    private static SslStreamCertificateContext Context(Credentials credentials)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(credentials.Chain);
        return SslStreamCertificateContext.Create(X509Certificate2.CreateFromPemFile(credentials.Chain, credentials.Key), chain, offline: true);
    }

    private static byte[] Message()
    {
        var message = new byte[128];
        new Header(Mode.Echo, Verify: false, message.Length).Write(message);
        return message;
    }

    // A proxy that neither answers nor refuses within the patience is still waiting for the server behind it: it has believed.
    private static bool IsSilence(Exception failure) =>
        failure.InnerException is SocketException { SocketErrorCode: SocketError.TimedOut or SocketError.WouldBlock };
}
