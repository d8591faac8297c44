using System.Net;
using L4Proxy.Configuration;
using L4Proxy.Redirect;
using L4Proxy.Telemetry;
using Microsoft.Extensions.Logging;

namespace L4Proxy.Listening;

/// <summary>
/// Keeps the readiness condition "capture" true to the facts: the proxy calls itself through the rules, at start until that works
/// and every 30 s afterwards. A pod whose rules are missing or gone must not get traffic that would bypass the proxy.
/// </summary>
internal sealed class CaptureReadiness(ProxyOptions options, string instance, Readiness readiness, ILogger logger)
{
    private static readonly TimeSpan _whileProven = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _whileNot = TimeSpan.FromMilliseconds(500);

    private readonly Readiness.Condition _condition = readiness.Add("capture", "not proven yet");
    private string? _lastSaid;

    /// <summary>Probes until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var proven = await ProbeAsync(cancellationToken);
            await Task.Delay(proven ? _whileProven : _whileNot, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> ProbeAsync(CancellationToken cancellationToken)
    {
        var ipv6 = HostIpv6.Addresses().FirstOrDefault(address => address.IsUsable)?.Address;
        var proof = await CaptureProbe.ProveAsync(options.Capture.Inbound!.Value, Captured(ipv6), instance, cancellationToken);
        var sentence = string.Join(" ", proof.Families.Where(family => family.Captured == proof.Captured).Select(family => family.Sentence));
        if (proof.Captured)
        {
            _condition.Ok();
        }
        else
        {
            _condition.Failing(sentence);
        }
        if (!string.Equals(sentence, _lastSaid, StringComparison.Ordinal) && !cancellationToken.IsCancellationRequested)
        {
            _lastSaid = sentence;
            if (proof.Captured)
            {
                logger.CaptureProbeSucceeded(sentence);
            }
            else
            {
                logger.CaptureProbeFailed(sentence);
            }
        }
        return proof.Captured;
    }

    /// <summary>IPv6 is proven where the host has an address of it; the operator who switched it off in the rules says so here too.</summary>
    private IPAddress? Captured(IPAddress? address) => options.Capture.Ipv6 ? address : null;
}
