using System.Globalization;
using System.Text.RegularExpressions;
using L4Proxy.Core.Connections;

namespace L4Proxy.Tls;

/// <summary>
/// What OpenSSL said, found in the message of SslStream's inner exception (<c>error:0A000418:SSL routines::…</c>): .NET offers no other
/// way to learn it. The numbers are OpenSSL's SSL_R_* (sslerr.h); an alert of the peer is 1000 and its number (RFC 8446 §6).
/// </summary>
internal static partial class OpenSslError
{
    private const int FirstAlert = 1000;
    private const int LastAlert = 1255;

    /// <summary>Null: OpenSSL had nothing to say about it.</summary>
    public static (CloseReason Reason, string Detail)? In(Exception? failure)
    {
        for (var error = failure; error is not null; error = error.InnerException)
        {
            if (Code().Match(error.Message) is { Success: true } match)
            {
                // The low 23 bits are the reason, the ones above the library.
                var code = int.Parse(match.Groups["code"].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture) & 0x7F_FFFF;
                return code is >= FirstAlert and <= LastAlert
                    ? OfAlert(code - FirstAlert)
                    : (OfReason(code), match.Groups["words"].Value.Trim());
            }
        }
        return null;
    }

    private static (CloseReason Reason, string Detail) OfAlert(int alert) => (
        alert switch
        {
            0 => CloseReason.TlsPeerLeft,
            70 => CloseReason.TlsProtocolVersion,
            120 => CloseReason.TlsAlpnMismatch,
            _ => CloseReason.TlsPeerRejectedUs,
        },
        $"the peer's alert {AlertName(alert)}");

    private static CloseReason OfReason(int reason) => reason switch
    {
        // no shared cipher, no suitable key share or signature algorithm, no ciphers available, no suitable groups, no shared signature
        // algorithms, no shared groups
        193 or 101 or 118 or 181 or 295 or 376 or 410 => CloseReason.TlsNoSharedCipher,
        // unsupported protocol, wrong ssl version, version too low, no protocols available, wrong version number
        258 or 266 or 396 or 191 or 267 => CloseReason.TlsProtocolVersion,
        // no application protocol
        235 => CloseReason.TlsAlpnMismatch,
        // bad signature
        123 => CloseReason.TlsKeyMismatch,
        // peer did not return a certificate
        199 => CloseReason.TlsNoPeerCertificate,
        // http request, https proxy request
        156 or 155 => CloseReason.TlsPeerIsPlaintext,
        // unexpected eof while reading
        294 => CloseReason.TlsPeerLeft,
        _ => CloseReason.TlsProtocolError,
    };

    private static string AlertName(int alert) => alert switch
    {
        0 => "close_notify",
        10 => "unexpected_message",
        20 => "bad_record_mac",
        22 => "record_overflow",
        40 => "handshake_failure",
        42 => "bad_certificate",
        43 => "unsupported_certificate",
        44 => "certificate_revoked",
        45 => "certificate_expired",
        46 => "certificate_unknown",
        47 => "illegal_parameter",
        48 => "unknown_ca",
        49 => "access_denied",
        50 => "decode_error",
        51 => "decrypt_error",
        70 => "protocol_version",
        71 => "insufficient_security",
        80 => "internal_error",
        86 => "inappropriate_fallback",
        90 => "user_canceled",
        109 => "missing_extension",
        110 => "unsupported_extension",
        112 => "unrecognized_name",
        113 => "bad_certificate_status_response",
        115 => "unknown_psk_identity",
        116 => "certificate_required",
        120 => "no_application_protocol",
        _ => alert.ToString(CultureInfo.InvariantCulture),
    };

    [GeneratedRegex("error:(?<code>[0-9A-F]{8}):[^:]*:[^:]*:(?<words>[^:]*)", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Code();
}
