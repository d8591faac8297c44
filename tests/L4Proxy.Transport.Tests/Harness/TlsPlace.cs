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

    public static IEnumerable<(TlsPlace Place, SslProtocols Version)> All =>
        from version in _versions
        from place in new[] { TlsPlace.Terminate, TlsPlace.Originate }
        select (place, version);

    public static TheoryData<TlsPlace, SslProtocols> PlacesAndVersions
    {
        get
        {
            var data = new TheoryData<TlsPlace, SslProtocols>();
            foreach (var (place, version) in All)
            {
                data.Add(place, version);
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
            foreach (var (place, version) in All)
            {
                data.Add(place, version, true);
                data.Add(place, version, false);
            }
            return data;
        }
    }
}
