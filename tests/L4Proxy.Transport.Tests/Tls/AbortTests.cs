using System.Security.Authentication;
using L4Proxy.Transport.Tests.Harness;

namespace L4Proxy.Transport.Tests.Tls;

public sealed class AbortTests
{
    public static TheoryData<TlsPlace, SslProtocols> Ways => TlsWays.PlacesAndVersions;

    [Theory]
    [MemberData(nameof(Ways))]
    public void An_idle_connection_that_is_aborted_in_order_ends_with_close_notify(TlsPlace place, SslProtocols version)
    {
        using var loop = new TestLoop();
        using var pair = new TlsPair(loop, place, version);
        pair.RoundTrip();

        loop.Do(() => pair.Splice.Abort(reset: false));

        Assert.Equal(SpliceEnd.Aborted, pair.End().End);
        Assert.Equal(Ending.Fin, pair.Tls.ReceiveSome());
        Assert.Equal(Ending.Fin, pair.Plain.ReceiveSome());
    }
}
