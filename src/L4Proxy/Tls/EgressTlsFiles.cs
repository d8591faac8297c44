using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using L4Proxy.Core.Connections;
using L4Proxy.Core.Routing;
using L4Proxy.Identity;
using L4Proxy.Transport;

namespace L4Proxy.Tls;

/// <summary>
/// Authorities and client certificates that DestinationRules name. Looked at again when a connection needs them and the last look is a second
/// old; parsed only when their content has changed. Files that become unreadable or half-written change nothing that is in force. Thread-safe.
/// </summary>
internal sealed class EgressTlsFiles
{
    private const long LookAgainAfter = 1_000_000;   // microseconds

    // What no rule of the model names any more goes with it.
    private readonly ConditionalWeakTable<UpstreamTls, Followed> _followed = [];

    /// <returns>Completed, unless the files are being looked at.</returns>
    public ValueTask<Loaded> ForAsync(UpstreamTls tls) =>
        tls is { CaCertificates.Length: 0, Mode: not UpstreamTlsMode.Mutual } ? new(Loaded.Nothing)
        : new(_followed.GetValue(tls, static rule => new Followed(rule)).CurrentAsync());

    /// <summary>What a handshake needs of files.</summary>
    /// <param name="Fingerprint">SHA-256 over all contents, in hex.</param>
    /// <param name="Authorities">Null: those of the system.</param>
    /// <param name="Certificate">What we show; null: nothing.</param>
    /// <param name="Problem">Why nothing can be done with them, and what would do; null when something can.</param>
    internal sealed record Loaded(
        string Fingerprint, X509Certificate2Collection? Authorities, SslStreamCertificateContext? Certificate, TlsFault? Problem)
    {
        public static Loaded Nothing { get; } = new("", null, null, null);
    }

    private sealed class Followed(UpstreamTls tls)
    {
        private readonly Lock _gate = new();
        private readonly (string Ca, string Certificate, string Key) _paths = tls.Mode == UpstreamTlsMode.Mutual
            ? (tls.CaCertificates, tls.ClientCertificate, tls.PrivateKey) : (tls.CaCertificates, "", "");
        private Task<Loaded> _last = Task.FromResult(Loaded.Nothing);
        private long _lookAgainAt;

        public Task<Loaded> CurrentAsync()
        {
            lock (_gate)
            {
                var now = Monotonic.Microseconds;
                if (_last.IsCompleted && now >= _lookAgainAt)
                {
                    _lookAgainAt = now + LookAgainAfter;
                    var before = _last.Result;
                    // Files may be slow, and whoever asks is on an event loop.
                    _last = Task.Run(() => Look(before));
                }
                return _last;
            }
        }

        private Loaded Look(Loaded before)
        {
            IdentityFile?[] files = [File("caCertificates", _paths.Ca), File("clientCertificate", _paths.Certificate), File("privateKey", _paths.Key)];
            var fingerprint = FingerprintOf(files);
            if (before.Fingerprint == fingerprint)
            {
                return before;
            }
            // Until the first file is read, whoever vouches for the server is not known; after it, who we are.
            var reason = CloseReason.TlsUnknownCa;
            try
            {
                var authorities = files[0] is { } ca ? new X509Certificate2Collection(CertificateBlocks.Of(ca).Select(each => each.Certificate).ToArray()) : null;
                reason = CloseReason.TlsNoIdentity;
                return new Loaded(fingerprint, authorities, CertificateOf(files[1], files[2]), null);
            }
            catch (Exception unusable) when (unusable is IdentityException or CryptographicException)
            {
                // Half of a new pair, most likely; the next look comes soon.
                return before is { Fingerprint.Length: > 0, Problem: null } ? before
                    : new Loaded(fingerprint, null, null, TlsFault.Ours(reason, unusable.Message));
            }
        }

        private static SslStreamCertificateContext? CertificateOf(IdentityFile? certificate, IdentityFile? keyFile)
        {
            if (certificate is null || keyFile is null)
            {
                return certificate is null && keyFile is null ? null : throw new IdentityException("MUTUAL needs clientCertificate and privateKey");
            }
            using var key = LeafKey.Of(keyFile);
            var chain = CertificateChain.Of(certificate, key, keyFile);
            return SslStreamCertificateContext.Create(chain.Leaf, chain.Intermediates, offline: true);
        }

        private static IdentityFile? File(string key, string path) => path.Length == 0 ? null : IdentityFile.Read(key, path);

        private static string FingerprintOf(IdentityFile?[] files)
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (var file in files)
            {
                var content = file?.Bytes ?? Encoding.UTF8.GetBytes(file?.Problem ?? "");
                hash.AppendData(BitConverter.GetBytes(content.Length));
                hash.AppendData(content);
            }
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }
}
