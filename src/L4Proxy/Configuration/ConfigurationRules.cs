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
    }

    private void SomethingToDo()
    {
        var captures = _options.Capture.Outbound is not null || _options.Capture.Inbound is not null;
        if (!captures && !IsWritten("capture") && _options.Forward.Count == 0 && Sound("capture", "forward"))
        {
            Error("forward", "", "nothing to do: neither capture nor forward makes the proxy listen; add 'capture: {outbound: 15001, inbound: 15006}' or an entry under 'forward'");
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
            Error("capture", "capture", "names neither outbound nor inbound, so nothing would be captured; add one of them or remove the section");
            return;
        }
        if (capture.Guests && capture.Outbound is null)
        {
            Error("capture.guests", "capture.guests", "has no effect without capture.outbound: guests are captured there; add outbound or remove guests");
        }
        if (capture.Mode == CaptureMode.Tproxy && capture.Inbound is null)
        {
            Error("capture.mode", "capture.mode", "'tproxy' has no effect without capture.inbound; add inbound or remove mode");
        }
    }

    private void PortsAreDistinct()
    {
        var ports = OwnPort.Of(_options).Where(port => Sound(port.Path) && port.EndPoint.Port != 0).ToList();
        foreach (var (index, port) in ports.Index())
        {
            if (ports.Take(index).Cast<OwnPort?>().FirstOrDefault(other => other!.Value.ConflictsWith(port)) is not { } taken)
            {
                continue;
            }
            // Blame what was written; a default that stands in its way is only named.
            var (blamed, innocent) = IsWritten(port.Path) ? (port, taken) : (taken, port);
            var where = _document.PositionOf(innocent.Path) is { } position ? _document.Errors.Place(position) : "its default";
            Error(blamed.Path, blamed.Path, $"port {port.EndPoint.Port} is already used by {innocent.Path} ({where}); give one of them another port");
        }
    }

    private void UpstreamsAreElsewhere()
    {
        foreach (var (index, forward) in _options.Forward.Index())
        {
            var path = $"forward[{index}].upstream";
            if (!Sound(path) || forward.Upstream.Port == 0)
            {
                continue;
            }
            if (forward.Upstream.Address.Equals(IPAddress.Any) || forward.Upstream.Address.Equals(IPAddress.IPv6Any))
            {
                Error(path, path, $"'{forward.Upstream}' is the wildcard address and cannot be dialled; write the address of the upstream");
            }
            else if (OwnPort.Of(_options).Where(own => Sound(own.Path) && own.IsReachedBy(forward.Upstream)).Cast<OwnPort?>().FirstOrDefault() is { } own)
            {
                Error(path, path, $"'{forward.Upstream}' is this proxy's own {own.Path}, so the connection would come back; name another upstream");
            }
        }
    }

    private void TimeoutsAreReachable()
    {
        var timeouts = _options.Timeouts;
        if (timeouts.PreDrain >= timeouts.Drain && Sound("timeouts.preDrain", "timeouts.drain"))
        {
            var path = IsWritten("timeouts.drain") ? "timeouts.drain" : "timeouts.preDrain";
            Error(path, path, $"drain ({ScalarText.Format(timeouts.Drain)}) ends before preDrain ({ScalarText.Format(timeouts.PreDrain)}) is over; make drain longer than preDrain");
        }
        if (IsWritten("timeouts.halfClose") && timeouts.Idle > TimeSpan.Zero && timeouts.HalfClose >= timeouts.Idle && Sound("timeouts.idle", "timeouts.halfClose"))
        {
            Error("timeouts.halfClose", "timeouts.halfClose", $"is never reached because idle ({ScalarText.Format(timeouts.Idle)}) ends the connection first; make it shorter than idle or remove it");
        }
    }

    private void LimitsAreReachable(long openFiles)
    {
        if (!Sound("limits.maxConnections") || !Sound("transport.eventLoops"))
        {
            return;
        }
        var limit = ConnectionLimit.For(_options, openFiles);
        if (limit.Problem is { } problem)
        {
            Error("limits.maxConnections", "limits.maxConnections", problem);
        }
        else if (_options.Limits.MaxConnectionsPerDestination > limit.Maximum && Sound("limits.maxConnectionsPerDestination"))
        {
            Error("limits.maxConnectionsPerDestination", "limits.maxConnectionsPerDestination",
                $"{_options.Limits.MaxConnectionsPerDestination} is never reached: {limit.Sentence}; write a smaller number, or 0 for off");
        }
    }

    private bool IsWritten(string path) => _document.PositionOf(path) is not null;

    private bool Sound(params ReadOnlySpan<string> paths)
    {
        foreach (var path in paths)
        {
            if (_document.Errors.Has(path))
            {
                return false;
            }
        }
        return true;
    }

    /// <param name="written">The key to point at; the top of the file when it is a default.</param>
    private void Error(string written, string path, string message) =>
        _document.Errors.Add(_document.PositionOf(written) ?? _document.PositionOf(""), path, message);
}
