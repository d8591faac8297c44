using System.Net;
using System.Text.Json;

namespace L4Proxy.Tests.Netns;

/// <summary>One line of the access log, as far as these tests ask.</summary>
internal sealed record AccessLogEntry(string Direction, IPEndPoint Downstream, IPEndPoint? OriginalDestination, string Reason)
{
    /// <summary>All of it.</summary>
    public required JsonElement Line { get; init; }

    public static AccessLogEntry Parse(string line)
    {
        var json = JsonElement.Parse(line);
        return new AccessLogEntry(
            json.GetProperty("direction").GetString()!,
            IPEndPoint.Parse(json.GetProperty("downstream").GetString()!),
            json.TryGetProperty("originalDestination", out var destination) ? IPEndPoint.Parse(destination.GetString()!) : null,
            json.GetProperty("reason").GetString()!) { Line = json };
    }

    /// <summary>Such as <c>inbound 10.77.0.2 8080 from 10.77.0.1 completed</c>, without brackets in both families.</summary>
    public override string ToString() => OriginalDestination is { } destination
        ? $"{Direction} {destination.Address} {destination.Port} from {Downstream.Address} {Reason}"
        : $"{Direction} from {Downstream.Address} {Reason}";
}
