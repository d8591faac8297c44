using L4Proxy.Admin;
using L4Proxy.Configuration;
using L4Proxy.Core.Connections;
using L4Proxy.Core.Routing;
using L4Proxy.Identity;
using L4Proxy.Interception;
using L4Proxy.Telemetry;
using L4Proxy.Tls;
using L4Proxy.Transport;
using L4Proxy.Transport.Hosting;
using L4Proxy.Transport.Tls;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace L4Proxy.Listening;

/// <summary>The proxy put together: loops, listeners, handlers, telemetry, and Kestrel hosting it all. One per process.</summary>
internal sealed class ProxyServer : IAsyncDisposable
{
    private readonly EventLoops _loops;
    private readonly HandshakeThreads _handshakes;
    private readonly IIdentitySource _identity;
    private readonly TlsContexts _contexts = new();
    private readonly Securing _securing;
    private readonly MeshParts _mesh;
    private readonly TrustFollower _trust;
    private readonly WebApplication _host;
    private readonly ProxyMetrics _metrics;
    private readonly AccessLog _accessLog;
    private readonly ProxyListeners _listeners;
    private readonly Readiness.Condition _listening;
    private readonly Readiness.Condition _draining;
    private readonly Drain _drain;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ILogger _logger;
    private ProxyOptions _options;
    private DataPathSettings _settings;
    private Task _proving = Task.CompletedTask;

    /// <param name="options">What to do.</param>
    /// <param name="logging">The process log.</param>
    /// <exception cref="IOException">The access log cannot be opened.</exception>
    public ProxyServer(ProxyOptions options, ILoggerFactory logging)
    {
        Options = _options = options;
        _logger = logging.CreateLogger("l4proxy");
        _settings = Settings(options);
        _listeners = new ProxyListeners(options);
        _loops = new EventLoops(TransportOf(options))
        {
            OnStall = (loop, milliseconds) => _logger.LoopStalled(loop.Index, milliseconds),
            OnAcceptsBackedOff = _logger.AcceptsBackedOff,
        };
        var live = new LiveConnections(_loops);
        _metrics = new ProxyMetrics(() => live.Count);
        Readiness = new Readiness(logging.CreateLogger("readiness"));
        _listening = Readiness.Add("listeners", "not bound yet");
        Configuration = Readiness.Add("configuration", failing: null);
        _draining = Readiness.Add("draining", failing: null);
        _handshakes = new HandshakeThreads(_loops.All.Count);
        var gate = new HandshakeGate(_handshakes);
        _identity = IdentitySources.Of(options, Readiness, _metrics.Instruments, logging.CreateLogger("identity"));
        _securing = new Securing(
            new TlsTermination(_identity, _contexts, gate), new TlsOrigination(_identity, _contexts, gate), new EgressTls(gate));
        _mesh = new MeshParts(options, live, () => _settings, Readiness, _metrics.Instruments, logging);
        _trust = new TrustFollower(live, logging.CreateLogger("identity"));
        LoopMetrics.AddTo(_metrics.Instruments, _loops);
        HandshakeMetrics.AddTo(_metrics.Instruments, gate);
        _accessLog = AccessLog.Open(options.Telemetry.AccessLog.Path, logging.CreateLogger("access-log"));
        _accessLog.AddTo(_metrics.Instruments);
        var admission = new ConnectionAdmission(live, () => _settings);
        _drain = new Drain(live, admission, logging.CreateLogger("drain"));
        _host = Build(options, logging, live, admission);
    }

    /// <summary>What the proxy was started with; live settings follow <see cref="Apply"/>.</summary>
    public ProxyOptions Options { get; }

    /// <summary>What readiness says about the configuration file; set by whoever watches it.</summary>
    public Readiness.Condition Configuration { get; }

    public Readiness Readiness { get; }

    public ProxyMetrics Metrics => _metrics;

    /// <summary>Binds every listener and begins to serve.</summary>
    /// <exception cref="IOException">A listener was refused; the message says which and what would do. Nothing stays bound.</exception>
    public async Task StartAsync()
    {
        AssemblyPreload.Run();
        _identity.Start(OnIdentityChanged);
        _mesh.Start();
        await _host.StartAsync();
        foreach (var listener in _listeners.Data)
        {
            _logger.Listening(listener.Role, listener.EndPoint.ToString());
        }
        if (Options.Capture.Inbound is not null)
        {
            _proving = new CaptureReadiness(Options, _instance, Readiness, _logger).RunAsync(_stopping.Token);
        }
        // Last: bound but unproven must not pass for ready, not even for the moment in between.
        _listening.Ok();
    }

    /// <summary>Puts the live part of new options in force, for connections that come from now on.</summary>
    public void Apply(ProxyOptions options)
    {
        Volatile.Write(ref _options, options);
        Volatile.Write(ref _settings, Settings(options));
    }

    /// <summary>Reads resources again, whatever was noticed of them.</summary>
    public void RefreshResources() => _mesh.Refresh();

    /// <summary>Opens the access log's path again, after logrotate has renamed the file.</summary>
    public void ReopenAccessLog() => _accessLog.Reopen();

    /// <summary>Ends every connection as the drain promises and stops serving.</summary>
    /// <param name="signal">What asked for it, for the log.</param>
    /// <param name="timeouts">Those in force now.</param>
    public async Task DrainAsync(string signal, TimeoutOptions timeouts)
    {
        _draining.Failing($"asked to stop by {signal}");
        await _drain.RunAsync(signal, timeouts);
        await _stopping.CancelAsync();
        await _proving;
        await _host.StopAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _host.DisposeAsync();
        await _mesh.DisposeAsync();
        await _identity.DisposeAsync();
        _loops.Dispose();
        _handshakes.Dispose();
        _accessLog.Dispose();
        _metrics.Dispose();
        _stopping.Dispose();
    }

    /// <summary>Tells the capture probe's answers of this process from another's.</summary>
    private readonly string _instance = Guid.NewGuid().ToString("N");

    private WebApplication Build(ProxyOptions options, ILoggerFactory logging, LiveConnections live, ConnectionAdmission admission)
    {
        // The empty builder: no configuration files, no environment, no default logging; a sidecar pays for what it uses.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(logging);
        builder.WebHost.UseKestrelCore();
        builder.Services.AddSingleton<IConnectionListenerFactory>(new OperatorTransportFactory(logging));
        builder.Services.AddSingleton<IConnectionListenerFactory>(new LoopTransportFactory(_loops));
        builder.Services.Configure<KestrelServerOptions>(kestrel =>
        {
            kestrel.AddServerHeader = false;
            Bind(kestrel, logging, live, admission);
        });
        var host = builder.Build();
        var writer = new PrometheusWriter(_metrics.Instruments);
        RequestDelegate metrics = new MetricsEndpoints(writer).InvokeAsync;
        RequestDelegate health = new HealthEndpoints(Readiness).InvokeAsync;
        var preview = new PolicyPreview(_mesh.Follower, () => _mesh.Model, () => _settings, _accessLog);
        RequestDelegate admin = new AdminEndpoints(
            new AdminSources(() => _options, () => _mesh.Model, preview.OfAsync), logging.CreateLogger("admin")).InvokeAsync;
        var endpoints = new OperatorEndpoints(
            [new(options.Health, health), new(options.Admin, admin), .. options.Telemetry.Metrics.Select(port => KeyValuePair.Create(port, metrics))]);
        host.Run(endpoints.InvokeAsync);
        return host;
    }

    private void Bind(KestrelServerOptions kestrel, ILoggerFactory logging, LiveConnections live, ConnectionAdmission admission)
    {
        var counters = Enum.GetValues<Direction>().ToDictionary(
            direction => direction, direction => _loops.All.Select(_ => _metrics.AddCounters(direction)).ToArray());
        // Handlers move bytes and count those; what a connection was and how it ended is accounting's alone.
        var transfers = counters.ToDictionary(pair => pair.Key, pair => pair.Value.Select(each => each.Transfers).ToArray());
        var connections = logging.CreateLogger("connections");
        var redirected = new RedirectedDestinations();
        IOriginalDestinations inbound = Options.Capture.Mode == CaptureMode.Tproxy
            ? new TransparentDestinations(Options.Capture.Inbound ?? 0, redirected)
            : redirected;
        var loops = new LoopGuard(_listeners.OwnPorts, HostAddresses.IsLocal);
        var (inboundLegs, outboundLegs) = (new OwnLegs(), new OwnLegs());
        _listeners.Bind(
            kestrel,
            direction => new ConnectionAccounting(direction, live, counters[direction], _accessLog, connections),
            admission,
            listener => listener.Direction switch
            {
                Direction.Outbound => new OutboundHandler(
                    redirected, loops, outboundLegs, _mesh.Routing, _mesh.Connector(_securing, loops, outboundLegs), () => _settings,
                    transfers[Direction.Outbound]),
                Direction.Inbound => new InboundHandler(
                    inbound, loops, inboundLegs, _instance, _securing, _mesh.Enforcement, () => _settings, transfers[Direction.Inbound]),
                _ => new ForwardHandler(listener.ForwardIndex, _securing, () => _settings, transfers[Direction.Forward]),
            });
    }

    private void OnIdentityChanged(WorkloadIdentity identity)
    {
        // Made now, the first connection need not wait for them.
        _ = _contexts.ForAsync(identity, _settings.Handshake.Versions);
        _trust.Follow(identity);
    }

    private static DataPathSettings Settings(ProxyOptions options)
    {
        var connections = ConnectionLimit.For(options, HostAddresses.DescriptorLimit).Maximum;
        return new DataPathSettings(options, connections, HandshakeLimit.For(options, connections));
    }

    private static TransportSettings TransportOf(ProxyOptions options)
    {
        var loops = options.Transport.EffectiveEventLoops;
        var pipes = ConnectionLimit.For(options, HostAddresses.DescriptorLimit).Pipes;
        return new TransportSettings
        {
            Loops = loops,
            PipesPerLoop = Math.Min(32, pipes / loops),
            Splice = options.Transport.Splice == L4Proxy.Configuration.SpliceMode.Off ? Transport.SpliceMode.Off : Transport.SpliceMode.Adaptive,
        };
    }
}
