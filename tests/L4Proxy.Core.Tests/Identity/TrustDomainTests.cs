using L4Proxy.Core.Identity;

namespace L4Proxy.Core.Tests.Identity;

public sealed class TrustDomainTests
{
    [Theory]
    [InlineData("trustdomain")]
    [InlineData("spiffe://trustdomain")]
    [InlineData("spiffe://trustdomain/path")]
    public void A_trust_domain_is_read_from_its_name_or_from_an_id_in_it(string text)
    {
        Assert.True(TrustDomain.TryParse(text, out var domain, out var problem));
        Assert.Equal("", problem);
        Assert.Equal("trustdomain", domain.Name);
    }

    [Theory]
    [InlineData("", "missing")]
    [InlineData("spiffe://", "missing")]
    [InlineData("Trustdomain", "lower case")]
    [InlineData("trust/domain", "lower case")]
    [InlineData("td:8443", "lower case")]
    [InlineData("http://trustdomain", "begin with")]
    [InlineData("spiffe://trustdomain/", "slash")]
    [InlineData("spiffe://trustdomain/path$", "a path has only")]
    public void A_malformed_trust_domain_is_refused_with_what_is_wrong(string text, string problem)
    {
        Assert.False(TrustDomain.TryParse(text, out var domain, out var told));
        Assert.Null(domain);
        Assert.Contains(problem, told, StringComparison.Ordinal);
    }

    [Fact]
    public void A_trust_domain_has_at_most_255_bytes()
    {
        Assert.True(TrustDomain.TryParse(new string('a', 255), out _, out _));
        Assert.False(TrustDomain.TryParse(new string('a', 256), out _, out var problem));
        Assert.Contains("255", problem, StringComparison.Ordinal);
        Assert.False(SpiffeId.TryParse($"spiffe://{new string('a', 256)}/x", out _, out _));
    }
}
