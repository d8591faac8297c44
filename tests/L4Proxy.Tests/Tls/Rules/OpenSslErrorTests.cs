using System.Globalization;
using System.Security.Authentication;
using L4Proxy.Core.Connections;
using L4Proxy.Tls;

namespace L4Proxy.Tests.Tls.Rules;

/// <summary>Messages as .NET 10 hands them on from OpenSSL 3; the tests with foreign peers show that it still does.</summary>
public sealed class OpenSslErrorTests
{
    [Theory]
    [InlineData("error:0A000418:SSL routines::tlsv1 alert unknown ca", CloseReason.TlsPeerRejectedUs, "the peer's alert unknown_ca")]
    [InlineData("error:0A00045C:SSL routines::tlsv13 alert certificate required", CloseReason.TlsPeerRejectedUs, "the peer's alert certificate_required")]
    [InlineData("error:0A00042E:SSL routines::tlsv1 alert protocol version", CloseReason.TlsProtocolVersion, "the peer's alert protocol_version")]
    [InlineData("error:0A000460:SSL routines::tlsv1 alert no application protocol", CloseReason.TlsAlpnMismatch, "the peer's alert no_application_protocol")]
    [InlineData("error:0A000102:SSL routines::unsupported protocol", CloseReason.TlsProtocolVersion, "unsupported protocol")]
    [InlineData("error:0A0000C1:SSL routines::no shared cipher", CloseReason.TlsNoSharedCipher, "no shared cipher")]
    [InlineData("error:0A000065:SSL routines::no suitable key share", CloseReason.TlsNoSharedCipher, "no suitable key share")]
    [InlineData("error:0A0000EB:SSL routines::no application protocol", CloseReason.TlsAlpnMismatch, "no application protocol")]
    [InlineData("error:0A00007B:SSL routines::bad signature", CloseReason.TlsKeyMismatch, "bad signature")]
    [InlineData("error:0A000119:SSL routines::decryption failed or bad record mac", CloseReason.TlsProtocolError, "decryption failed or bad record mac")]
    public void An_error_of_OpenSSL_is_told_by_its_number(string message, CloseReason reason, string detail) =>
        Assert.Equal((reason, detail), OpenSslError.In(new AuthenticationException("Authentication failed.", new IOException(message))));

    [Fact]
    public void Every_alert_a_peer_can_send_is_its_refusal_and_none_is_an_exception()
    {
        for (var alert = 0; alert < 256; alert++)
        {
            var code = (0x0A000000 + 1000 + alert).ToString("X8", CultureInfo.InvariantCulture);

            var told = OpenSslError.In(new IOException($"error:{code}:SSL routines::an alert"));

            Assert.NotNull(told);
            Assert.StartsWith("the peer's alert ", told.Value.Detail, StringComparison.Ordinal);
            Assert.Contains(told.Value.Reason, new[]
            {
                CloseReason.TlsPeerRejectedUs, CloseReason.TlsPeerLeft, CloseReason.TlsProtocolVersion, CloseReason.TlsAlpnMismatch,
            });
        }
    }

    [Fact]
    public void Where_OpenSSL_said_nothing_nothing_is_made_up()
    {
        Assert.Null(OpenSslError.In(null));
        Assert.Null(OpenSslError.In(new IOException("Received an unexpected EOF or 0 bytes from the transport stream.")));
    }
}
