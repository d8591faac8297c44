using L4Proxy.Listening;

namespace L4Proxy.Tests.Listening;

public sealed class StartBannerTests
{
    [Theory]
    [InlineData("10.0.9", "CVE-2026-96224 (remote code execution), CVE-2026-50524 (crash by a malformed TLS handshake), CVE-2026-50528 (SslStream authorization bypass)")]
    [InlineData("10.0.10", "CVE-2026-96224 (remote code execution)")]
    [InlineData("10.0.12", "CVE-2026-96224 (remote code execution)")]
    [InlineData("10.0.13", null)]
    [InlineData("10.0.14", null)]
    public void A_runtime_is_warned_of_by_the_defects_it_still_has(string runtime, string? defects) =>
        Assert.Equal(defects, StartBanner.Defects(Version.Parse(runtime)));
}
