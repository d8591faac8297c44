using System.Net;
using System.Text.Json;

namespace L4Proxy.Tests.Netns;

/// <summary>One line of the access log, as far as these tests ask.</summary>
internal sealed record AccessLogEntry(string Direction, IPEndPoint Downstream, IPEndPoint? OriginalDestination, string Reason)
{
    public static AccessLogEntry Parse(string line)
    {
        using var json = JsonDocument.Parse(line);
        return new AccessLogEntry(
            json.RootElement.GetProperty("direction").GetString()!,
            IPEndPoint.Parse(json.RootElement.GetProperty("downstream").GetString()!),
            json.RootElement.TryGetProperty("originalDestination", out var destination) ? IPEndPoint.Parse(destination.GetString()!) : null,
            json.RootElement.GetProperty("reason").GetString()!);
    }

    /// <summary>Such as <c>inbound 10.77.0.2 8080 from 10.77.0.1 completed</c>, without brackets in both families.</summary>
    public override string ToString() => OriginalDestination is { } destination
        ? $"{Direction} {destination.Address} {destination.Port} from {Downstream.Address} {Reason}"
        : $"{Direction} from {Downstream.Address} {Reason}";
}
