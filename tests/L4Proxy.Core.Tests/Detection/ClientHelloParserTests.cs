using L4Proxy.Core.Detection;

namespace L4Proxy.Core.Tests.Detection;

public sealed class ClientHelloParserTests
{
    private static HelloBytes Hello => new HelloBytes().ServerName("web.demo.svc.cluster.local").Alpn("istio", "h2").Versions(0x0304, 0x0303);

    [Fact]
    public void It_tells_the_name_the_protocols_and_the_versions()
    {
        var hello = Complete(Hello.Record());

        Assert.Equal("web.demo.svc.cluster.local", hello.ServerName);
        Assert.Equal("istio h2", string.Join(" ", hello.Alpn));
        Assert.Equal((TlsVersion.Tls12, TlsVersion.Tls13), (hello.LowestVersion, hello.HighestVersion));
        Assert.True(hello.OffersMesh);
        Assert.True(hello.Offers("h2"));
        Assert.False(hello.Offers("http/1.1"));
    }

    [Fact]
    public void A_hello_without_extensions_has_neither_name_nor_protocols()
    {
        var hello = Complete(new HelloBytes { HasExtensions = false, LegacyVersion = 0x0301 }.Record());

        Assert.Null(hello.ServerName);
        Assert.Empty(hello.Alpn);
        Assert.Equal((TlsVersion.Unknown, TlsVersion.Tls10), (hello.LowestVersion, hello.HighestVersion));
        Assert.False(hello.OffersMesh);
        Assert.Null(hello.AlpnToSelect);
    }

    [Theory]
    [InlineData(0x0300, TlsVersion.Ssl30)]
    [InlineData(0x0301, TlsVersion.Tls10)]
    [InlineData(0x0302, TlsVersion.Tls11)]
    [InlineData(0x0303, TlsVersion.Tls12)]
    [InlineData(0x0304, TlsVersion.Tls12)]
    [InlineData(0x03FF, TlsVersion.Tls12)]
    public void Without_supported_versions_the_message_tells_the_version_and_reaches_to_1_2(int legacy, TlsVersion highest) =>
        Assert.Equal(highest, Complete(new HelloBytes { LegacyVersion = (ushort)legacy }.ServerName("a").Record()).HighestVersion);

    [Theory]
    [InlineData(new[] { 0x0A0A, 0x0304, 0x0303 }, TlsVersion.Tls12, TlsVersion.Tls13)]
    [InlineData(new[] { 0x0304, 0xFAFA }, TlsVersion.Tls13, TlsVersion.Tls13)]
    [InlineData(new[] { 0x0303, 0x0301, 0x0302 }, TlsVersion.Tls10, TlsVersion.Tls12)]
    [InlineData(new[] { 0x7F1C, 0x0305, 0x0303 }, TlsVersion.Tls12, TlsVersion.Tls12)]
    [InlineData(new[] { 0x2A2A }, TlsVersion.Unknown, TlsVersion.Unknown)]
    public void Versions_offered_that_have_no_name_are_passed_over(int[] offered, TlsVersion lowest, TlsVersion highest)
    {
        var hello = Complete(new HelloBytes().Versions(offered).Record());

        Assert.Equal((lowest, highest), (hello.LowestVersion, hello.HighestVersion));
    }

    [Theory]
    [InlineData("istio", "istio")]
    [InlineData("istio-peer-exchange,istio", "istio")]
    [InlineData("l4proxy/1,istio", "istio")]
    [InlineData("h2,l4proxy/1", "l4proxy/1")]
    [InlineData("istio-peer-exchange", null)]
    [InlineData("istio-http/1.0", null)]
    [InlineData("istio-http/1.1", null)]
    [InlineData("istio-h2", null)]
    public void A_proxy_of_the_mesh_is_known_by_its_protocols_and_answered_with_istio_or_ours(string offered, string? selected)
    {
        var hello = Complete(new HelloBytes().Alpn(offered.Split(',')).Record());

        Assert.True(hello.OffersMesh);
        Assert.Equal(selected, hello.AlpnToSelect);
    }

    [Theory]
    [InlineData("h2")]
    [InlineData("http/1.1")]
    [InlineData("Istio")]
    [InlineData("istio-")]
    [InlineData("istio\0")]
    [InlineData("l4proxy/2")]
    public void Other_protocols_are_not_of_the_mesh(string offered) =>
        Assert.False(Complete(new HelloBytes().Alpn(offered).Record()).OffersMesh);

    [Theory]
    [InlineData("\0", @"\x00")]
    [InlineData("a\nb", @"a\x0Ab")]
    [InlineData("\u001B[31m", @"\x1B[31m")]
    [InlineData(@"\x00", @"\x5Cx00")]
    [InlineData("\u00FF\u0080", @"\xFF\x80")]
    [InlineData("two words", "two words")]
    public void Bytes_of_a_protocol_that_are_not_printable_are_escaped_and_no_two_read_the_same(string bytes, string text) =>
        Assert.Equal(text, Assert.Single(Complete(new HelloBytes().Alpn(bytes).Record()).Alpn));

    [Theory]
    [InlineData("a")]
    [InlineData("outbound_.9000_._.echo.default.svc.cluster.local")]
    [InlineData("XN--BCHER-KVA.example.")]
    [InlineData("10.0.0.1")]
    public void A_name_is_told_as_it_was_sent(string name) => Assert.Equal(name, Complete(new HelloBytes().ServerName(name).Record()).ServerName);

    [Fact]
    public void A_name_of_255_bytes_is_the_longest()
    {
        Assert.Equal(255, Complete(new HelloBytes().ServerName(new string('a', 255)).Record()).ServerName!.Length);
        Assert.Equal(HelloStatus.Malformed, Parse(new HelloBytes().ServerName(new string('a', 256)).Record()));
    }

    [Fact]
    public void A_name_of_a_type_to_come_is_passed_over() =>
        Assert.Equal("a", Complete(new HelloBytes().Extension(0, HelloBytes.Vector16([7, 0, 1, 1, 0, 0, 1, (byte)'a'])).Record()).ServerName);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Up_to_16_KiB_are_read(int lessThanLargest)
    {
        var hello = Padded(ClientHelloParser.MaxBytes - lessThanLargest);

        Assert.Equal(HelloStatus.Complete, Parse(HelloBytes.Records(hello, 16384)));
        Assert.Equal(HelloStatus.Complete, Parse(HelloBytes.Records(hello, 6)));
    }

    [Fact]
    public void One_byte_above_16_KiB_is_too_large_as_soon_as_its_length_is_told()
    {
        var records = HelloBytes.Records(Padded(ClientHelloParser.MaxBytes + 1), 16384);

        Assert.Equal(HelloStatus.NeedMore, Parse(records.AsSpan(..8)));
        Assert.Equal(HelloStatus.TooLarge, Parse(records.AsSpan(..9)));
        Assert.Equal(HelloStatus.TooLarge, Parse(records));
    }

    [Fact]
    public void Whoever_has_the_most_bytes_a_verdict_needs_gets_one()
    {
        var records = HelloBytes.Records(Padded(ClientHelloParser.MaxBytes), 4);

        Assert.Equal(HelloStatus.NeedMore, Parse(records.AsSpan(..20_000)));
        Assert.Equal(HelloStatus.TooLarge, Parse(records.AsSpan(..ClientHelloParser.MaxArrivedBytes)));
    }

    [Fact]
    public void What_follows_the_record_of_the_hello_is_not_looked_at() =>
        Assert.Equal("web.demo.svc.cluster.local", Complete([.. Hello.Record(), 20, 3, 3, 0, 1, 1, 0xFF]).ServerName);

    internal static ClientHello Complete(ReadOnlySpan<byte> arrived)
    {
        Assert.Equal(HelloStatus.Complete, ClientHelloParser.Parse(arrived, out var hello));
        return hello!;
    }

    private static HelloStatus Parse(ReadOnlySpan<byte> arrived)
    {
        var status = ClientHelloParser.Parse(arrived, out var hello);
        Assert.Equal(status == HelloStatus.Complete, hello is not null);
        return status;
    }

    private static byte[] Padded(int messageBytes)
    {
        var bare = new HelloBytes { SessionId = [] }.Message().Length;
        return new HelloBytes { SessionId = [] }.Padding(messageBytes - bare - 4).Message();
    }
}
