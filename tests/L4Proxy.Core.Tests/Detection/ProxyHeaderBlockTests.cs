using System.Net;
using L4Proxy.Core.Detection;

namespace L4Proxy.Core.Tests.Detection;

/// <summary>PROXY protocol, version 2.</summary>
public sealed class ProxyHeaderBlockTests
{
    private const string Signature = "0D0A0D0A000D0A515549540A";
    private const string IpV4 = "0A000001 0A000002 DC04 01BB";
    private const string IpV6 = "20010DB8000000000000000000000001 00000000000000000000000000000001 0001 FFFF";

    private static readonly string _unix = new('A', 432);

    public static TheoryData<string, string, string?, string?> Whole => new()
    {
        { "IPv4", $"21 11 000C {IpV4}", "10.0.0.1:56324", "10.0.0.2:443" },
        { "IPv6", $"21 21 0024 {IpV6}", "[2001:db8::1]:1", "[::1]:65535" },
        { "UNIX", $"21 31 00D8 {_unix}", null, null },
        { "LOCAL without address block", "20 00 0000", null, null },
        { "LOCAL of a family, without address block", "20 11 0000", null, null },
        { "LOCAL with an address block", $"20 11 000C {IpV4}", null, null },
        { "LOCAL of an unknown family", "20 FF 0003 010203", null, null },
        { "UNSPEC", "21 00 0000", null, null },
        { "UNSPEC with bytes that nobody can read", "21 00 0003 FFFFFF", null, null },
        { "an empty field", $"21 11 000F {IpV4} 04 0000", "10.0.0.1:56324", "10.0.0.2:443" },
        { "unknown fields", $"21 11 0016 {IpV4} EE 0003 FFFFFF 30 0001 61", "10.0.0.1:56324", "10.0.0.2:443" },
        { "an identity, which is not believed", $"21 11 0011 {IpV4} D0 0002 C3BC", "10.0.0.1:56324", "10.0.0.2:443" },
        { "fields after UNIX addresses", $"21 31 00DC {_unix} 04 0001 00", null, null },
    };

    public static TheoryData<string, string> Broken => new()
    {
        { "another signature", "!" },
        { "version 1", "11" },
        { "version 3", "31" },
        { "command 2", "22" },
        { "family 4", "21 41" },
        { "datagrams over IPv4", "21 12" },
        { "datagrams over IPv6", "21 22" },
        { "datagrams over UNIX", "21 32" },
        { "transport 3", "21 13" },
        { "a family without a transport", "21 10" },
        { "a transport without a family", "21 01" },
        { "too short for IPv4", "21 11 000B" },
        { "too short for IPv6", "21 21 000C" },
        { "too short for UNIX", "21 31 00D7" },
        { "no address block", "21 11 0000" },
        { "more than 4096 bytes", "21 11 10" },
        { "4097 bytes", "21 11 0FF1" },
        { "LOCAL of more than 4096 bytes", "20 00 FF" },
        { "half a field header", $"21 11 000E {IpV4} 0400" },
        { "a field longer than the header", $"21 11 0010 {IpV4} 04 0002 00" },
        { "a field of 65535 bytes", $"21 11 0010 {IpV4} EE FFFF 00" },
        { "an authority that is not UTF-8", $"21 11 0011 {IpV4} 02 0002 C328" },
        { "an authority of half a character", $"21 11 0010 {IpV4} 02 0001 C3" },
        { "an identity that is not UTF-8", $"21 11 0010 {IpV4} D0 0001 FF" },
        { "a unique ID of 129 bytes", $"21 11 0090 {IpV4} 05 0081 {new string('0', 258)}" },
        { "a wrong checksum", $"21 11 0013 {IpV4} 03 0004 00000000" },
        { "a checksum of three bytes", $"21 11 0012 {IpV4} 03 0003 000000" },
    };

    [Theory]
    [MemberData(nameof(Whole))]
    public void A_header_is_read_whole_and_waited_for_until_its_last_byte(string what, string hex, string? source, string? destination)
    {
        var bytes = Bytes(hex);
        for (var arrived = 0; arrived < bytes.Length; arrived++)
        {
            Assert.Equal(ProxyHeaderStatus.NeedMore, ProxyHeaderParser.Parse(bytes.AsSpan(0, arrived), out _));
        }

        Assert.True(ProxyHeaderParser.Parse([.. bytes, .. "data"u8], out var header) == ProxyHeaderStatus.Complete, what);

        Assert.Equal(bytes.Length, header.Length);
        Assert.Equal(source is null ? null : IPEndPoint.Parse(source), header.Source);
        Assert.Equal(destination is null ? null : IPEndPoint.Parse(destination), header.Destination);
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_header_is_refused_at_the_last_of_these_bytes_and_not_before(string what, string hex)
    {
        var bytes = hex == "!" ? [.. Convert.FromHexString(Signature)[..^1], 0] : Bytes(hex);

        Assert.Equal(ProxyHeaderStatus.NeedMore, ProxyHeaderParser.Parse(bytes.AsSpan(..^1), out _));
        Assert.True(ProxyHeaderParser.Parse(bytes, out var header) == ProxyHeaderStatus.Invalid, what);
        Assert.Equal(ProxyHeaderStatus.Invalid, ProxyHeaderParser.Parse([.. bytes, .. new byte[5000]], out _));

        Assert.Equal((0, null, null), (header.Length, header.Source, header.Destination));
        Assert.NotNull(header.Problem);
    }

    [Theory]
    [InlineData("16")]
    [InlineData("47455420")]
    [InlineData("00")]
    public void Whatever_begins_otherwise_is_no_header(string hex) =>
        Assert.Equal(ProxyHeaderStatus.Invalid, ProxyHeaderParser.Parse(Convert.FromHexString(hex), out _));

    [Fact]
    public void A_header_of_4096_bytes_is_the_longest()
    {
        var bytes = Bytes($"21 11 0FF0 {IpV4} 04 0FE1 {new string('0', 2 * 0xFE1)}");
        Assert.Equal(ProxyHeaderParser.MaxBytes, bytes.Length);

        Assert.Equal(ProxyHeaderStatus.Complete, ProxyHeaderParser.Parse(bytes, out _));
    }

    private static byte[] Bytes(string hex) => Convert.FromHexString(Signature + hex.Replace(" ", "", StringComparison.Ordinal));
}
