using L4Proxy.Core.Detection;

namespace L4Proxy.Core.Tests.Detection;

/// <summary>What is not a hello, and what begins as one and breaks its rules.</summary>
public sealed class HelloRefusalTests
{
    public static TheoryData<string, byte[]> NotTls => new()
    {
        { "HTTP", "GET / HTTP/1.1\r\n"u8.ToArray() },
        { "SSH", "SSH-2.0-OpenSSH_9.2\r\n"u8.ToArray() },
        { "SSLv2", [0x80, 0x2E, 0x01, 0x03, 0x01, 0x00, 0x15, 0x00, 0x00, 0x00, 0x10] },
        { "a TLS alert", [21, 3, 1, 0, 2, 1, 0] },
        { "application data", [23, 3, 3, 0, 2, 1, 0] },
        { "major version 2", [22, 2, 0] },
        { "major version 254 (DTLS)", [22, 254, 253] },
        { "minor version 5", [22, 3, 5] },
        { "a ServerHello", [22, 3, 3, 0, 80, 2] },
        { "zeros", new byte[64] },
    };

    public static TheoryData<string, byte[]> BrokenAtTheLastByte => new()
    {
        { "a record of no bytes", [22, 3, 1, 0, 0] },
        { "a record above 16 KiB", [22, 3, 1, 0x41] },
        { "a record of 16385 bytes", [22, 3, 1, 0x40, 1] },
        { "a second record of no bytes", [22, 3, 1, 0, 1, 1, 22, 3, 1, 0, 0] },
        { "an alert in the middle", [22, 3, 1, 0, 1, 1, 21] },
        { "another version in the middle", [22, 3, 1, 0, 1, 1, 22, 2] },
        { "too short for a hello", [22, 3, 1, 0, 200, 1, 0, 0, 40] },
        { "a record longer than its message", [22, 3, 1, 0, 200, 1, 0, 0, 100] },
    };

    public static TheoryData<string, byte[]> BrokenMessages => new()
    {
        { "a name with NUL", new HelloBytes().ServerName("web.demo\0.evil.example").Record() },
        { "a name with a line break", new HelloBytes().ServerName("web\nforged").Record() },
        { "a name with an escape sequence", new HelloBytes().ServerName("web\u001B[31m").Record() },
        { "a name with a space", new HelloBytes().ServerName("web demo").Record() },
        { "a name with DEL", new HelloBytes().ServerName("web\u007F").Record() },
        { "a name that is not ASCII", new HelloBytes().ServerName("b\u00FCcher.example").Record() },
        { "an empty name", new HelloBytes().ServerName("").Record() },
        { "two names", new HelloBytes().Extension(0, HelloBytes.Vector16([0, 0, 1, (byte)'a', 0, 0, 1, (byte)'b'])).Record() },
        { "an empty list of names", new HelloBytes().Extension(0, 0, 0).Record() },
        { "no list of names", new HelloBytes().Extension(0).Record() },
        { "a name longer than its list", new HelloBytes().Extension(0, 0, 4, 0, 0, 9, 97).Record() },
        { "a list shorter than its extension", new HelloBytes().Extension(0, 0, 4, 0, 0, 1, 97, 0).Record() },
        { "two extensions of one type", new HelloBytes().ServerName("a").ServerName("b").Record() },
        { "two unknown extensions of one type", new HelloBytes().Extension(0x1234).ServerName("a").Extension(0x1234).Record() },
        { "an empty protocol", new HelloBytes().Alpn("istio", "").Record() },
        { "no protocols", new HelloBytes().Alpn().Record() },
        { "a protocol longer than its list", new HelloBytes().Extension(16, 0, 3, 9, 97, 98).Record() },
        { "no versions", new HelloBytes().Versions().Record() },
        { "half a version", new HelloBytes().Extension(43, 3, 3, 4, 3).Record() },
        { "half a cipher suite", Broken(Offset.CipherSuitesLength, 5) },
        { "a session id of 33 bytes", new HelloBytes { SessionId = new byte[33] }.Record() },
        { "no cipher suites", new HelloBytes { CipherSuites = [] }.Record() },
        { "no compression methods", new HelloBytes { CompressionMethods = [] }.Record() },
        { "major version 2 in the message", new HelloBytes { LegacyVersion = 0x0203 }.Record() },
        { "extensions shorter than told", new HelloBytes { ExtensionsLengthError = 1 }.ServerName("a").Record() },
        { "extensions longer than told", new HelloBytes { ExtensionsLengthError = -1 }.ServerName("a").Record() },
        { "bytes after the extensions", new HelloBytes { Trailer = [0] }.ServerName("a").Record() },
        { "half a length of extensions", new HelloBytes { HasExtensions = false, Trailer = [0] }.Record() },
    };

    private enum Offset
    {
        CipherSuitesLength = 5 + 4 + 2 + 32 + 1 + 32 + 1,
    }

    [Theory]
    [MemberData(nameof(NotTls))]
    public void What_cannot_be_TLS_is_plaintext_from_the_byte_that_shows_it(string what, byte[] arrived)
    {
        Assert.Equal(HelloStatus.NotTls, ClientHelloParser.Parse(arrived, out _));
        Assert.True(ProtocolDetector.Detect(arrived).Verdict == Verdict.Plaintext, what);
        AssertFinal(arrived);
    }

    [Theory]
    [MemberData(nameof(BrokenAtTheLastByte))]
    public void What_began_as_TLS_is_refused_at_the_byte_that_breaks_it(string what, byte[] arrived)
    {
        Assert.Equal(HelloStatus.NeedMore, ClientHelloParser.Parse(arrived.AsSpan(..^1), out _));
        Assert.True(ClientHelloParser.Parse(arrived, out _) == HelloStatus.Malformed, what);
        AssertFinal(arrived);
    }

    [Theory]
    [MemberData(nameof(BrokenMessages))]
    public void A_whole_hello_that_breaks_a_rule_is_malformed(string what, byte[] arrived)
    {
        Assert.Equal(HelloStatus.NeedMore, ClientHelloParser.Parse(arrived.AsSpan(..^1), out _));
        Assert.True(ClientHelloParser.Parse(arrived, out var hello) == HelloStatus.Malformed, what);
        Assert.Null(hello);
        Assert.Equal(Verdict.BrokenTls, ProtocolDetector.Detect(arrived).Verdict);
        AssertFinal(arrived);
    }

    [Fact]
    public void A_hello_cut_short_anywhere_inside_is_malformed_once_its_shorter_length_is_there()
    {
        var whole = HelloCorpus.Modern;

        // Only where nothing of the extensions is left is the rest a hello again: that of TLS 1.2 without any.
        var legal = 4 + 2 + 32 + 1 + 32 + 2 + 6 + 2;
        for (var length = 4; length < whole.Length; length++)
        {
            byte[] cut = [1, 0, (byte)((length - 4) >> 8), (byte)(length - 4), .. whole[4..length]];
            Assert.Equal(length == legal ? HelloStatus.Complete : HelloStatus.Malformed, ClientHelloParser.Parse(HelloBytes.Records(cut, 16384), out _));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(6)]
    public void The_beginning_of_a_hello_is_never_called_plaintext(int bytes) =>
        Assert.Equal(Verdict.NeedMore, ProtocolDetector.Detect(HelloBytes.Records(HelloCorpus.Modern, 16384).AsSpan(0, bytes)).Verdict);

    [Fact]
    public void Thousands_of_extensions_cost_no_more_than_their_number()
    {
        var hello = new HelloBytes { SessionId = [] };
        for (var type = 100; type < 4100; type++)
        {
            hello.Extension(type);
        }
        Assert.Equal(HelloStatus.Complete, ClientHelloParser.Parse(hello.Record(), out _));
        Assert.Equal(HelloStatus.Malformed, ClientHelloParser.Parse(hello.Extension(100).Record(), out _));
    }

    private static void AssertFinal(byte[] arrived)
    {
        var status = ClientHelloParser.Parse(arrived, out _);
        Assert.Equal(status, ClientHelloParser.Parse([.. arrived, 0], out _));
        Assert.Equal(status, ClientHelloParser.Parse([.. arrived, .. Enumerable.Repeat((byte)22, 40_000)], out _));
    }

    private static byte[] Broken(Offset at, byte value)
    {
        var record = new HelloBytes().ServerName("a").Record();
        record[(int)at] = value;
        return record;
    }
}
