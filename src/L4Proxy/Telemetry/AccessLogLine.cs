using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Encodings.Web;
using System.Text.Json;
using L4Proxy.Core.Connections;

namespace L4Proxy.Telemetry;

/// <summary>Turns a closed record into its line. Reused for every line of a thread: after the first it allocates nothing.</summary>
/// <remarks>
/// Facts a connection never learned are left out. <c>time</c> is the end of the connection. <c>connectMs</c> runs from the dial to
/// the established upstream leg, <c>handshakeMs</c> over our TLS handshake, <c>firstByteMs</c> and <c>totalMs</c> from acceptance. Durations are milliseconds with three
/// decimals, read at the start of the loop's turn in which something happened.
/// </remarks>
internal sealed class AccessLogLine : IDisposable
{
    // Our names and labels need no escaping; whatever came from outside gets what JSON asks for, and not what HTML would.
    private static readonly JsonWriterOptions _options =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
    private static readonly JsonEncodedText _time = JsonEncodedText.Encode("time");
    private static readonly JsonEncodedText _id = JsonEncodedText.Encode("id");
    private static readonly JsonEncodedText _direction = JsonEncodedText.Encode("direction");
    private static readonly JsonEncodedText _downstream = JsonEncodedText.Encode("downstream");
    private static readonly JsonEncodedText _originalDestination = JsonEncodedText.Encode("originalDestination");
    private static readonly JsonEncodedText _upstream = JsonEncodedText.Encode("upstream");
    private static readonly JsonEncodedText _protocol = JsonEncodedText.Encode("protocol");
    private static readonly JsonEncodedText _sni = JsonEncodedText.Encode("sni");
    private static readonly JsonEncodedText _alpn = JsonEncodedText.Encode("alpn");
    private static readonly JsonEncodedText _peerIdentity = JsonEncodedText.Encode("peerIdentity");
    private static readonly JsonEncodedText _localIdentity = JsonEncodedText.Encode("localIdentity");
    private static readonly JsonEncodedText _tlsVersion = JsonEncodedText.Encode("tlsVersion");
    private static readonly JsonEncodedText _verdict = JsonEncodedText.Encode("verdict");
    private static readonly JsonEncodedText _allow = JsonEncodedText.Encode("allow");
    private static readonly JsonEncodedText _deny = JsonEncodedText.Encode("deny");
    private static readonly JsonEncodedText _rule = JsonEncodedText.Encode("rule");
    private static readonly JsonEncodedText _dryRun = JsonEncodedText.Encode("dryRun");
    private static readonly JsonEncodedText _audit = JsonEncodedText.Encode("audit");
    private static readonly JsonEncodedText _route = JsonEncodedText.Encode("route");
    private static readonly JsonEncodedText _attempts = JsonEncodedText.Encode("attempts");
    private static readonly JsonEncodedText _bytesToUpstream = JsonEncodedText.Encode("bytesToUpstream");
    private static readonly JsonEncodedText _bytesToDownstream = JsonEncodedText.Encode("bytesToDownstream");
    private static readonly JsonEncodedText _spliced = JsonEncodedText.Encode("spliced");
    private static readonly JsonEncodedText _connectMs = JsonEncodedText.Encode("connectMs");
    private static readonly JsonEncodedText _handshakeMs = JsonEncodedText.Encode("handshakeMs");
    private static readonly JsonEncodedText _firstByteMs = JsonEncodedText.Encode("firstByteMs");
    private static readonly JsonEncodedText _totalMs = JsonEncodedText.Encode("totalMs");
    private static readonly JsonEncodedText _phase = JsonEncodedText.Encode("phase");
    private static readonly JsonEncodedText _endedBy = JsonEncodedText.Encode("endedBy");
    private static readonly JsonEncodedText _reason = JsonEncodedText.Encode("reason");
    private static readonly JsonEncodedText _detail = JsonEncodedText.Encode("detail");
    private static readonly JsonEncodedText _errno = JsonEncodedText.Encode("errno");

    private readonly ArrayBufferWriter<byte> _buffer = new(1024);
    private readonly Utf8JsonWriter _json;

    public AccessLogLine() => _json = new Utf8JsonWriter(_buffer, _options);

    /// <summary>The line, newline included. Valid until the next call.</summary>
    public ReadOnlySpan<byte> Format(ConnectionRecord record, DateTime closedAt, string instance)
    {
        _buffer.ResetWrittenCount();
        _json.Reset(_buffer);
        _json.WriteStartObject();
        WriteTime(closedAt);
        WriteId(instance, record.Id);
        _json.WriteString(_direction, record.Direction.Label());
        WriteEndPoint(_downstream, record.Downstream.EndPoint);
        WriteEndPoint(_originalDestination, record.OriginalDestination?.EndPoint);
        WriteEndPoint(_upstream, record.Upstream?.EndPoint);
        WriteText(_protocol, record.Protocol.Label());
        if (record.Tls is { } tls)
        {
            WriteText(_sni, tls.ServerName);
            WriteText(_alpn, tls.Alpn);
            WriteText(_peerIdentity, tls.PeerIdentity);
            WriteText(_localIdentity, tls.LocalIdentity);
            WriteText(_tlsVersion, tls.Version);
        }
        if (record.Policy is { } policy)
        {
            _json.WriteString(_verdict, policy.IsAllowed ? _allow : _deny);
            WriteText(_rule, policy.Rule);
            WriteText(_dryRun, policy.DryRun);
            WriteText(_audit, policy.Audit);
        }
        WriteText(_route, record.Route);
        if (record.Attempts > 1)
        {
            _json.WriteNumber(_attempts, record.Attempts);
        }
        _json.WriteNumber(_bytesToUpstream, record.BytesToUpstream);
        _json.WriteNumber(_bytesToDownstream, record.BytesToDownstream);
        _json.WriteBoolean(_spliced, record.Spliced);
        WriteDuration(_connectMs, record.DialedAt, record.ConnectedAt);
        WriteDuration(_handshakeMs, record.Tls?.HandshakeStartedAt ?? 0, record.Tls?.HandshakeEndedAt ?? 0);
        WriteDuration(_firstByteMs, record.AcceptedAt, record.FirstByteAt);
        WriteDuration(_totalMs, record.AcceptedAt, record.ClosedAt);
        _json.WriteString(_phase, record.Phase.Label());
        _json.WriteString(_endedBy, record.EndedBy.Label());
        _json.WriteString(_reason, record.Reason.Label());
        WriteText(_detail, record.Detail);
        if (Errno.Name(record.Errno) is { } name)
        {
            _json.WriteString(_errno, name);
        }
        else if (record.Errno != 0)
        {
            _json.WriteNumber(_errno, record.Errno);
        }
        _json.WriteEndObject();
        _json.Flush();
        _buffer.Write("\n"u8);
        return _buffer.WrittenSpan;
    }

    public void Dispose() => _json.Dispose();

    private void WriteTime(DateTime closedAt)
    {
        // "O" gives 2026-11-20T23:10:00.1234567Z; milliseconds are what the clock behind it is good for.
        Span<byte> text = stackalloc byte[32];
        closedAt.TryFormat(text, out _, "O", CultureInfo.InvariantCulture);
        text[23] = (byte)'Z';
        _json.WriteString(_time, text[..24]);
    }

    private void WriteId(string instance, long number)
    {
        // 20 characters for the longest number.
        Span<char> text = stackalloc char[64];
        instance.CopyTo(text);
        text[instance.Length] = '-';
        var at = instance.Length + 1;
        number.TryFormat(text[at..], out var length, default, CultureInfo.InvariantCulture);
        _json.WriteString(_id, text[..(at + length)]);
    }

    private void WriteEndPoint(JsonEncodedText key, IPEndPoint? endPoint)
    {
        if (endPoint is null)
        {
            return;
        }
        // 65 bytes for the longest address with its scope, 2 for the brackets, 6 for the port.
        Span<byte> text = stackalloc byte[80];
        var isV6 = endPoint.AddressFamily == AddressFamily.InterNetworkV6;
        text[0] = (byte)'[';
        var at = isV6 ? 1 : 0;
        endPoint.Address.TryFormat(text[at..], out var length);
        at += length;
        if (isV6)
        {
            text[at++] = (byte)']';
        }
        text[at++] = (byte)':';
        endPoint.Port.TryFormat(text[at..], out length, default, CultureInfo.InvariantCulture);
        _json.WriteString(key, text[..(at + length)]);
    }

    private void WriteText(JsonEncodedText key, string? text)
    {
        if (text is not null)
        {
            _json.WriteString(key, text);
        }
    }

    private void WriteDuration(JsonEncodedText key, long from, long to)
    {
        if (from != 0 && to != 0)
        {
            // A decimal keeps its scale, so 10 µs is 0.010; formatting it allocates nothing.
            var microseconds = to - from;
            _json.WriteNumber(key, new decimal((int)microseconds, (int)(microseconds >> 32), 0, isNegative: false, scale: 3));
        }
    }
}
