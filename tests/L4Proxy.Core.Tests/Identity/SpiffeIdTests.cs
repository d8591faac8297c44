using System.Text;
using L4Proxy.Core.Identity;

namespace L4Proxy.Core.Tests.Identity;

/// <summary>The tables of go-spiffe, and the limits of SPIFFE-ID §2.</summary>
public sealed class SpiffeIdTests
{
    private const string Lower = "abcdefghijklmnopqrstuvwxyz0123456789.-_";
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ" + Lower;

    [Theory]
    [InlineData("spiffe://trustdomain", "trustdomain", "")]
    [InlineData("spiffe://trustdomain/path", "trustdomain", "/path")]
    [InlineData("spiffe://trustdomain/.path", "trustdomain", "/.path")]
    [InlineData("spiffe://trustdomain/..path", "trustdomain", "/..path")]
    [InlineData("spiffe://trustdomain/...", "trustdomain", "/...")]
    [InlineData("spiffe://trustdomain/Path_1.x-y/Z", "trustdomain", "/Path_1.x-y/Z")]
    [InlineData("spiffe://example.org/9eebccd2-12bf-40a6-b262-65fe0487d453", "example.org", "/9eebccd2-12bf-40a6-b262-65fe0487d453")]
    [InlineData("spiffe://td.with-dash_underscore", "td.with-dash_underscore", "")]
    [InlineData("spiffe://1.2.3.4/service", "1.2.3.4", "/service")]
    public void A_well_formed_id_is_read_as_it_is(string text, string domain, string path)
    {
        Assert.True(SpiffeId.TryParse(text, out var id, out var problem));
        Assert.Equal("", problem);
        Assert.Equal(domain, id.TrustDomain.Name);
        Assert.Equal(path, id.Path);
        Assert.Equal(text, id.ToString());
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("s", "begin with")]
    [InlineData("spiffe:/", "begin with")]
    [InlineData("Spiffe://", "begin with")]
    [InlineData("SPIFFE://td/x", "begin with")]
    [InlineData("http://td/x", "begin with")]
    [InlineData("sparfe://domain1.test/workload", "begin with")]
    [InlineData("trustdomain/path", "begin with")]
    [InlineData(" spiffe://td/x", "begin with")]
    [InlineData("spiffe://", "missing")]
    [InlineData("spiffe:///", "missing")]
    [InlineData("spiffe:///path", "missing")]
    [InlineData("spiffe://Trustdomain/x", "lower case")]
    [InlineData("spiffe://trust$domain", "lower case")]
    [InlineData("spiffe://%F0%9F%A4%AF/path", "lower case")]
    [InlineData("spiffe://user@td/x", "lower case")]
    [InlineData("spiffe://td:8443/x", "lower case")]
    [InlineData("spiffe://[::1]/x", "lower case")]
    [InlineData("spiffe://td?q", "lower case")]
    [InlineData("spiffe://td#f", "lower case")]
    [InlineData("spiffe://trustdomain/", "ends in a slash")]
    [InlineData("spiffe://trustdomain/path/", "ends in a slash")]
    [InlineData("spiffe://trustdomain//", "slash")]
    [InlineData("spiffe://trustdomain//path", "empty segment")]
    [InlineData("spiffe://trustdomain/a//b", "empty segment")]
    [InlineData("spiffe://trustdomain/.", "dot segment")]
    [InlineData("spiffe://trustdomain/./path", "dot segment")]
    [InlineData("spiffe://trustdomain/path/./other", "dot segment")]
    [InlineData("spiffe://trustdomain/path/..", "dot segment")]
    [InlineData("spiffe://trustdomain/..", "dot segment")]
    [InlineData("spiffe://trustdomain/../path", "dot segment")]
    [InlineData("spiffe://trustdomain/path/../other", "dot segment")]
    [InlineData("spiffe://trustdomain/path$", "a path has only")]
    [InlineData("spiffe://trustdomain/%F0%9F%A4%AF", "a path has only")]
    [InlineData("spiffe://trustdomain/a%20b", "a path has only")]
    [InlineData("spiffe://trustdomain/p?q=1", "a path has only")]
    [InlineData("spiffe://trustdomain/p#f", "a path has only")]
    [InlineData("spiffe://trustdomain/pa th", "a path has only")]
    [InlineData("spiffe://trustdomain/a\0.evil", "a path has only")]
    public void A_malformed_id_is_refused_with_what_is_wrong(string text, string problem)
    {
        Assert.False(SpiffeId.TryParse(text, out var id, out var told));
        Assert.Null(id);
        Assert.Contains(problem, told, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_character_is_allowed_or_refused_as_the_sets_of_the_specification_say()
    {
        for (var character = '\0'; character <= '\uFFFF'; character++)
        {
            if (character != '/')
            {
                Assert.Equal(Lower.Contains(character), SpiffeId.TryParse($"spiffe://td{character}", out _, out _));
                Assert.Equal(Letters.Contains(character), SpiffeId.TryParse($"spiffe://td/path{character}", out _, out _));
                Assert.Equal(Lower.Contains(character), TrustDomain.TryParse($"td{character}", out _, out _));
            }
            if (character == '\uFFFF')
            {
                break;
            }
        }
    }

    [Fact]
    public void Bytes_above_ASCII_are_refused_however_they_are_decoded()
    {
        for (var point = 0x80; point <= 0xFF; point++)
        {
            var utf8 = Encoding.UTF8.GetBytes(((char)point).ToString());
            foreach (var text in new[] { Encoding.UTF8.GetString(utf8), Encoding.Latin1.GetString(utf8), Encoding.ASCII.GetString(utf8) })
            {
                Assert.False(SpiffeId.TryParse($"spiffe://td{text}", out _, out _));
                Assert.False(SpiffeId.TryParse($"spiffe://td/path{text}", out _, out _));
            }
        }
    }

    [Fact]
    public void An_id_of_2048_bytes_is_read_and_a_longer_one_is_not()
    {
        var longest = "spiffe://td/" + new string('a', SpiffeId.MaxLength - 12);
        Assert.Equal(2048, longest.Length);
        Assert.True(SpiffeId.TryParse(longest, out _, out _));
        Assert.False(SpiffeId.TryParse(longest + "a", out _, out var problem));
        Assert.Contains("2048", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("spiffe://td/ns/a/sa/b", "a", "b")]
    [InlineData("spiffe://td/ns/a", null, null)]
    [InlineData("spiffe://td/ns/a/sa", null, null)]
    [InlineData("spiffe://td/ns/a/sa/b/c", null, null)]
    [InlineData("spiffe://td/x/a/sa/b", null, null)]
    [InlineData("spiffe://td/ns/a/y/b", null, null)]
    [InlineData("spiffe://td", null, null)]
    public void Kubernetes_names_come_from_the_form_of_Istio_and_no_other(string text, string? names, string? account)
    {
        Assert.True(SpiffeId.TryParse(text, out var id, out _));
        Assert.Equal(names is null ? null : (names, account!), id.KubernetesNames);
    }

    [Fact]
    public void Ids_are_equal_when_their_bytes_are()
    {
        Assert.Equal(Parsed("spiffe://td/a"), Parsed("spiffe://td/a"));
        Assert.Equal(Parsed("spiffe://td/a").GetHashCode(), Parsed("spiffe://td/a").GetHashCode());
        Assert.NotEqual(Parsed("spiffe://td/a"), Parsed("spiffe://td/A"));
        Assert.NotEqual(Parsed("spiffe://td/a"), Parsed("spiffe://td2/a"));
    }

    private static SpiffeId Parsed(string text) => SpiffeId.TryParse(text, out var id, out var problem) ? id : throw new ArgumentException(problem, nameof(text));
}
