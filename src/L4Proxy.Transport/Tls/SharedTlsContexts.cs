using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using L4Proxy.Transport.Native;

namespace L4Proxy.Transport.Tls;

/// <summary>
/// The OpenSSL contexts of one certificate, made once instead of once per connection: 0.1 ms and 30 KB less for each end (measured,
/// OpenSSL 3.0), and 33 KB less for each idle connection, which gives its record buffers back.
/// </summary>
/// <remarks>
/// SslStream shares a context among connections only where sessions may be resumed, and resumed they must never be: a session would
/// outlive its certificate, its trust and its policy. So the contexts are made here, by a handshake with ourselves, and resumption is
/// forbidden in OpenSSL itself before anybody else gets to use them; a second handshake, which tries, proves it. Every session is asked once
/// more when its handshake is over (<see cref="TlsSession"/>). Where any of this cannot be done there are no shared contexts, and
/// SslStream makes a new one for each connection.
/// <para>Keep the object as long as connections are made: it keeps the contexts in SslStream's cache.</para>
/// </remarks>
public sealed class SharedTlsContexts
{
    /// <summary>SslStream shares a client's context only if it has a name to file sessions under; RFC 2606 §2 keeps this one free.</summary>
    private const string Nobody = "l4proxy.invalid";

    private static readonly List<SslApplicationProtocol> _someProtocol = [new("istio")];

    // Their connections hold the contexts in SslStream's cache.
    private readonly List<SslStream> _holders = [];

    private SharedTlsContexts()
    {
    }

    /// <summary>Makes and seals the contexts: for clients, and for servers with and without an application protocol. On a pool thread.</summary>
    /// <param name="certificate">The certificate both sides will show.</param>
    /// <param name="versions">The versions both sides will accept: contexts are filed under them as well.</param>
    /// <returns>Null: this runtime or this OpenSSL does not let us.</returns>
    /// <exception cref="AuthenticationException">The certificate cannot be used for TLS.</exception>
    public static async Task<SharedTlsContexts?> CreateAsync(SslStreamCertificateContext certificate, SslProtocols versions)
    {
        var contexts = new SharedTlsContexts();
        // The first of each kind makes the context and is not sealed itself; the second must find it sealed.
        return await contexts.AddAsync(certificate, versions, _someProtocol, seal: true)
            && await contexts.AddAsync(certificate, versions, null, seal: true)
            && await contexts.AddAsync(certificate, versions, _someProtocol, seal: false)
            && await contexts.AddAsync(certificate, versions, null, seal: false)
            ? contexts
            : null;
    }

    private async Task<bool> AddAsync(
        SslStreamCertificateContext certificate, SslProtocols versions, List<SslApplicationProtocol>? protocols, bool seal)
    {
        var (toServer, toClient) = (new Pipe(), new Pipe());
        var server = new SslStream(new PipeStream(toServer.Reader, toClient.Writer));
        var client = new SslStream(new PipeStream(toClient.Reader, toServer.Writer));
        var serving = server.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            ServerCertificateContext = certificate,
            ApplicationProtocols = protocols,
            EnabledSslProtocols = versions,
            AllowTlsResume = true,
        });
        var calling = client.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            ClientCertificateContext = certificate,
            // We are talking to ourselves, and nothing but this handshake is done with it.
            RemoteCertificateValidationCallback = (_, shown, _, _) =>
                shown is not null && shown.GetRawCertData().AsSpan().SequenceEqual(certificate.TargetCertificate.RawDataMemory.Span),
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                DisableCertificateDownloads = true,
            },
            ApplicationProtocols = protocols,
            TargetHost = Nobody,
            EnabledSslProtocols = versions,
            AllowTlsResume = true,
        });
        await Task.WhenAll(serving, calling);
        // A ticket comes after the handshake and is taken up by a read.
        await server.WriteAsync(new byte[1]);
        await client.ReadExactlyAsync(new byte[1]);
        _holders.Add(server);
        _holders.Add(client);
        return seal ? Seal(server) && Seal(client) : IsFresh(server) && IsFresh(client);
    }

    private static bool Seal(SslStream stream)
    {
        if (!SslHandle.TryOf(stream, out var connection))
        {
            return false;
        }
        var context = OpenSsl.ContextOf(connection);
        OpenSsl.ForbidResumption(context);
        OpenSsl.ReleaseBuffers(context);
        return true;
    }

    /// <summary>The same context as the one that was sealed, and no session of it taken up.</summary>
    private bool IsFresh(SslStream stream) =>
        SslHandle.TryOf(stream, out var connection)
        && !OpenSsl.WasResumed(connection)
        && _holders.Exists(holder => holder != stream && SslHandle.TryOf(holder, out var other)
            && OpenSsl.ContextOf(other) == OpenSsl.ContextOf(connection));

    /// <summary>One end of two pipes.</summary>
    private sealed class PipeStream(PipeReader reader, PipeWriter writer) : Stream
    {
        private readonly Stream _reading = reader.AsStream();
        private readonly Stream _writing = writer.AsStream();

        public override bool CanRead => true;
        public override bool CanWrite => true;
        public override bool CanSeek => false;
        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            _reading.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            _writing.WriteAsync(buffer, cancellationToken);

        public override Task FlushAsync(CancellationToken cancellationToken) => _writing.FlushAsync(cancellationToken);

        public override void Flush() => _writing.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
