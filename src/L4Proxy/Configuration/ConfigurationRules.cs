using System.Net;
using L4Proxy.Configuration.Binding;

namespace L4Proxy.Configuration;

/// <summary>What several keys mean together. A key that was already found wrong is left out: its error has been said.</summary>
internal sealed class ConfigurationRules
{
    private readonly ProxyOptions _options;
    private readonly ConfigurationDocument _document;

    private ConfigurationRules(ProxyOptions options, ConfigurationDocument document)
    {
        _options = options;
        _document = document;
    }

    /// <param name="openFiles">RLIMIT_NOFILE of the process that will run this.</param>
    public static void Check(ProxyOptions options, ConfigurationDocument document, long openFiles)
    {
        var rules = new ConfigurationRules(options, document);
        rules.SomethingToDo();
        rules.CaptureIsEffective();
        rules.PortsAreDistinct();
        rules.UpstreamsAreElsewhere();
        rules.TimeoutsAreReachable();
        rules.LimitsAreReachable(openFiles);
        new TlsRules(options, document).Check();
    }

    private void SomethingToDo()
    {
        var captures = _options.Capture.Outbound is not null || _options.Capture.Inbound is not null;
        if (!captures && !IsWritten("capture") && _options.Forward.Count == 0 && Sound("capture", "forward"))
        {
            Error("", "nothing to do: neither capture nor forward makes the proxy listen; "
                + "add 'capture: {outbound: 15001, inbound: 15006}' or an entry under 'forward'", at: "forward");
        }
    }

    private void CaptureIsEffective()
    {
        var capture = _options.Capture;
        if (!Sound("capture", "capture.outbound", "capture.inbound"))
        {
            return;
        }
        if (IsWritten("capture") && capture.Outbound is null && capture.Inbound is null)
        {
            Error("capture", "names neither outbound nor inbound, so nothing would be captured; add one of them or remove the section");
            return;
        }
        if (capture.Guests && capture.Outbound is null)
        {
            Error("capture.guests", "has no effect without capture.outbound: guests are captured there; add outbound or remove guests");
        }
        if (!IsDefault(capture.ProxyProtocol) && capture.Inbound is null)
        {
            Error("capture.proxyProtocol", "has no effect without capture.inbound: it is spoken there; add inbound or remove proxyProtocol");
        }
        if (capture.Mode == CaptureMode.Tproxy && capture.Inbound is null)
        {
            Error("capture.mode", "'tproxy' has no effect without capture.inbound; add inbound or remove mode");
        }
    }

    private void PortsAreDistinct()
    {
        var ports = SoundPorts();
        foreach (var port in ports)
        {
            var taken = ports.Find(port.ConflictsWith);
            if (taken == port)
            {
                continue;
            }
            // Blame what was written; a default that stands in its way is only named.
            var (blamed, innocent) = IsWritten(port.Path) ? (port, taken) : (taken, port);
            var where = _document.PositionOf(innocent.Path) is { } position ? _document.Errors.Place(position) : "its default";
            Error(blamed.Path, $"port {port.EndPoint.Port} is already used by {innocent.Path} ({where}); give one of them another port");
        }
    }

    private void UpstreamsAreElsewhere()
    {
        var ports = SoundPorts();
        foreach (var (index, forward) in _options.Forward.Index())
        {
            var (path, upstream) = ($"forward[{index}].upstream", forward.Upstream);
            if (!Sound(path) || upstream.Port == 0)
            {
                continue;
            }
            if (upstream.Address.Equals(IPAddress.Any) || upstream.Address.Equals(IPAddress.IPv6Any))
            {
                Error(path, $"'{upstream}' is the wildcard address and cannot be dialled; write the address of the upstream");
            }
            else if (ports.Find(port => port.IsReachedBy(upstream)) is { Path: not null } own)
            {
                Error(path, $"'{upstream}' is this proxy's own {own.Path}, so the connection would come back; name another upstream");
            }
        }
    }

    private void TimeoutsAreReachable()
    {
        var timeouts = _options.Timeouts;
        if (timeouts.PreDrain >= timeouts.Drain && Sound("timeouts.preDrain", "timeouts.drain"))
        {
            var (preDrain, drain) = (ScalarText.Format(timeouts.PreDrain), ScalarText.Format(timeouts.Drain));
            Error(IsWritten("timeouts.drain") ? "timeouts.drain" : "timeouts.preDrain",
                $"drain ({drain}) ends before preDrain ({preDrain}) is over; make drain longer than preDrain");
        }
        // The default of halfClose may be longer than idle: nobody asked for it.
        if (IsWritten("timeouts.halfClose") && timeouts.Idle > TimeSpan.Zero && timeouts.HalfClose >= timeouts.Idle
            && Sound("timeouts.idle", "timeouts.halfClose"))
        {
            Error("timeouts.halfClose",
                $"is never reached because idle ({ScalarText.Format(timeouts.Idle)}) ends the connection first; "
                + "make it shorter than idle or remove it");
        }
        if (timeouts.Detection >= timeouts.Handshake && Sound("timeouts.detection", "timeouts.handshake"))
        {
            var (detection, handshake) = (ScalarText.Format(timeouts.Detection), ScalarText.Format(timeouts.Handshake));
            Error(IsWritten("timeouts.detection") ? "timeouts.detection" : "timeouts.handshake",
                $"handshake ({handshake}) ends before detection ({detection}) is over; make detection shorter than handshake");
        }
    }

    private void LimitsAreReachable(long openFiles)
    {
        if (!Sound("limits.maxConnections", "transport.eventLoops"))
        {
            return;
        }
        var limit = ConnectionLimit.For(_options, openFiles);
        if (limit.Problem is { } problem)
        {
            Error("limits.maxConnections", problem);
        }
        else if (_options.Limits.HandshakesInFlight > limit.Maximum && Sound("limits.handshakesInFlight"))
        {
            Error("limits.handshakesInFlight",
                $"{_options.Limits.HandshakesInFlight} is never reached because at most {limit.Maximum} connections are admitted; write less, or auto");
        }
    }

    private static bool IsDefault(ProxyProtocolOptions options) => options.Accept.IsEmpty && options.Send == ProxyProtocolVersion.None;

    private List<OwnPort> SoundPorts() => [.. OwnPort.Of(_options).Where(port => Sound(port.Path) && port.EndPoint.Port != 0)];

    private bool IsWritten(string path) => _document.IsWritten(path);

    private bool Sound(params ReadOnlySpan<string> paths) => _document.AreSound(paths);

    private void Error(string path, string message, string? at = null) => _document.Refuse(path, message, at);
}
