using System.Security.Authentication;

namespace L4Proxy.Transport.Tests.Harness;

/// <summary>On which leg TLS is spoken.</summary>
public enum TlsPlace
{
    /// <summary>On the downstream: we terminate.</summary>
    Terminate,

    /// <summary>On the upstream: we originate.</summary>
    Originate,
}

/// <summary>What most tests of TLS run over: both places, both versions, and whose bytes they are about.</summary>
internal static class TlsWays
{
    private static readonly SslProtocols[] _versions = [SslProtocols.Tls12, SslProtocols.Tls13];

    public static TheoryData<TlsPlace, SslProtocols> PlacesAndVersions
    {
        get
        {
            var data = new TheoryData<TlsPlace, SslProtocols>();
            foreach (var version in _versions)
            {
                data.Add(TlsPlace.Terminate, version);
                data.Add(TlsPlace.Originate, version);
            }
            return data;
        }
    }

    /// <summary>The third: whether it is the TLS program that acts, or the plain one.</summary>
    public static TheoryData<TlsPlace, SslProtocols, bool> PlacesVersionsAndSides
    {
        get
        {
            var data = new TheoryData<TlsPlace, SslProtocols, bool>();
            foreach (var version in _versions)
            {
                foreach (var tlsActs in new[] { false, true })
                {
                    data.Add(TlsPlace.Terminate, version, tlsActs);
                    data.Add(TlsPlace.Originate, version, tlsActs);
                }
            }
            return data;
        }
    }
}
