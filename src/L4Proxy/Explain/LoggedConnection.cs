using System.Buffers;
using System.Text.Json;
using L4Proxy.Configuration.Binding;
using L4Proxy.Core.Identity;
using L4Proxy.Core.Policy;

namespace L4Proxy.Explain;

/// <summary>What became of a connection that the access log tells of, as far as policy is concerned.</summary>
internal enum LoggedOutcome : byte
{
    /// <summary>It was let in: the workload was dialled.</summary>
    LetIn,

    /// <summary>Policy or mTLS refused it, or closed it later.</summary>
    Denied,

    /// <summary>It ended before policy was asked.</summary>
    NotJudged,

    /// <summary>Policy is not asked about it.</summary>
    NotInbound,

    /// <summary>The line is no line of an access log, or lacks what policy asks for.</summary>
    Unreadable,
}

/// <summary>One line of an access log.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="At">When it ended; null where the line does not say.</param>
/// <param name="Request">What policy is asked about it; only of those that were let in or denied.</param>
internal readonly record struct LoggedConnection(LoggedOutcome Outcome, DateTimeOffset? At, AccessRequest Request)
{
    /// <summary>Our own lines are below a KiB.</summary>
    public const int MaxBytes = 64 * 1024;

    private static readonly LoggedConnection _unreadable = new(LoggedOutcome.Unreadable, null, default);

    public static LoggedConnection Read(in ReadOnlySequence<byte> line)
    {
        try
        {
            return Of(new Utf8JsonReader(line));
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException or FormatException)
        {
            return _unreadable;
        }
    }

    private static LoggedConnection Of(Utf8JsonReader json)
    {
        string? direction = null, downstream = null, destination = null, peer = null, serverName = null, reason = null, verdict = null;
        var isDialled = false;
        DateTimeOffset? at = null;
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
        {
            return _unreadable;
        }
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("direction"u8)) { direction = Text(ref json); }
            else if (json.ValueTextEquals("downstream"u8)) { downstream = Text(ref json); }
            else if (json.ValueTextEquals("originalDestination"u8)) { destination = Text(ref json); }
            else if (json.ValueTextEquals("peerIdentity"u8)) { peer = Text(ref json); }
            else if (json.ValueTextEquals("sni"u8)) { serverName = Text(ref json); }
            else if (json.ValueTextEquals("reason"u8)) { reason = Text(ref json); }
            else if (json.ValueTextEquals("verdict"u8)) { verdict = Text(ref json); }
            else if (json.ValueTextEquals("time"u8)) { json.Read(); at = json.GetDateTimeOffset(); }
            else { isDialled |= json.ValueTextEquals("upstream"u8); json.Skip(); }
        }
        if (direction is not "inbound")
        {
            return direction is null ? _unreadable : new(LoggedOutcome.NotInbound, at, default);
        }
        var outcome = reason is "policyDenied" or "policyChanged" or "plaintextRefused" || verdict is "deny" ? LoggedOutcome.Denied
            : isDialled ? LoggedOutcome.LetIn
            : LoggedOutcome.NotJudged;
        if (outcome == LoggedOutcome.NotJudged)
        {
            return new(outcome, at, default);
        }
        if (downstream is null || destination is null || (peer is not null && !SpiffeId.TryParse(peer, out _, out _)))
        {
            return _unreadable;
        }
        var source = ScalarText.EndPoint(downstream).Address;
        SpiffeId? id = null;
        _ = peer is not null && SpiffeId.TryParse(peer, out id, out _);
        return new(outcome, at, new AccessRequest(id, source, source, ScalarText.EndPoint(destination), serverName));
    }

    private static string? Text(ref Utf8JsonReader json)
    {
        json.Read();
        return json.GetString();
    }
}
