using System.Diagnostics.Metrics;
using L4Proxy.Telemetry;
using L4Proxy.Tls;

namespace L4Proxy.Listening;

/// <summary>What handshakes do, for the metrics; the reasons of those that failed are in the close reasons.</summary>
internal static class HandshakeMetrics
{
    public static void AddTo(Instruments instruments, HandshakeGate gate)
    {
        instruments.AddCounter("l4proxy_handshakes_total", null, "TLS handshakes ended.", () => new Measurement<long>[]
        {
            new(gate.Terminated.Succeeded, new("side", "terminate"), new("result", "succeeded")),
            new(gate.Terminated.Failed, new("side", "terminate"), new("result", "failed")),
            new(gate.Originated.Succeeded, new("side", "originate"), new("result", "succeeded")),
            new(gate.Originated.Failed, new("side", "originate"), new("result", "failed")),
        });
        instruments.AddCounter("l4proxy_handshake_seconds_total", "s", "Time that succeeded TLS handshakes took, their peers included.", () => new Measurement<double>[]
        {
            new(gate.Terminated.Microseconds / 1e6, new KeyValuePair<string, object?>("side", "terminate")),
            new(gate.Originated.Microseconds / 1e6, new KeyValuePair<string, object?>("side", "originate")),
        });
        instruments.AddUpDownCounter("l4proxy_handshakes_in_flight", null, "TLS handshakes begun and not over; most wait for their peers.", () => gate.InFlight);
        instruments.AddGauge("l4proxy_handshake_steps_waiting", null, "Steps of handshakes that could run and wait for a thread.", () => gate.Threads.Waiting);
    }
}
