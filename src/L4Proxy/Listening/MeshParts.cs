using L4Proxy.Configuration;
using L4Proxy.Core.Policy;
using L4Proxy.Core.Routing;
using L4Proxy.Egress;
using L4Proxy.Interception;
using L4Proxy.Names;
using L4Proxy.Resources;
using L4Proxy.Telemetry;
using L4Proxy.Transport;
using Microsoft.Extensions.Logging;

namespace L4Proxy.Listening;

/// <summary>The part of the proxy that lives by the mesh's model, put together: who may call, where calls go, and what follows a change of it.</summary>
internal sealed class MeshParts : IAsyncDisposable
{
    private readonly IMeshSource _source;
    private readonly DnsEndpoints _names;
    private readonly EgressRecorder? _egress;
    private readonly PolicyCounters _decided = new();
    private readonly RoutingCounters _routed = new();

    /// <param name="options">What the process was started with.</param>
    /// <param name="live">Connections to judge again.</param>
    /// <param name="settings">Those in force.</param>
    /// <param name="readiness">Gets what becomes of resources on disk.</param>
    /// <param name="instruments">Get the numbers.</param>
    /// <param name="logging">The process log.</param>
    /// <exception cref="IOException"><c>mesh.learnEgress</c> is no file of ours.</exception>
    public MeshParts(
        ProxyOptions options, LiveConnections live, Func<DataPathSettings> settings, Readiness readiness, Instruments instruments, ILoggerFactory logging)
    {
        _source = MeshSources.Of(options, readiness, instruments, logging.CreateLogger("resources"));
        _egress = options.Mesh.LearnEgress is { Length: > 0 } path ? EgressRecorder.Open(path, TimeProvider.System, logging.CreateLogger("egress")) : null;
        _names = new DnsEndpoints(new StubResolver(TimeProvider.System), TimeProvider.System, instruments, logging.CreateLogger("names"));
        Follower = new PolicyFollower(live, () => Model, settings, logging.CreateLogger("policy"));
        Routing = new OutboundRouting(() => Model, _egress is null ? null : _egress.Saw, _routed);
        Enforcement = new PolicyEnforcement(() => Model, _decided, _routed);
        PolicyMetrics.AddTo(instruments, _decided);
        RoutingMetrics.AddTo(instruments, _routed, () => Model.Registry.EjectedEndpoints(Monotonic.Milliseconds));
    }

    /// <summary>In force now.</summary>
    public MeshModel Model => _source.Current;

    public PolicyFollower Follower { get; }
    public OutboundRouting Routing { get; }
    public PolicyEnforcement Enforcement { get; }

    public UpstreamConnector Connector(Securing securing, LoopGuard loops, OwnLegs ownLegs) => new(securing, loops, ownLegs, _routed);

    /// <summary>From now on what is written is what is done.</summary>
    public void Start()
    {
        // Called for the first model too, one call at a time.
        _source.Start((before, after) =>
        {
            _decided.Expect(after.Policies);
            _names.Follow(after.Registry.DnsNames, after.Registry.Resolved);
            Follower.Follow(before, after);
        });
    }

    /// <summary>Reads again what is written, whatever was noticed.</summary>
    public void Refresh() => _source.Refresh();

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        _names.Dispose();
        _egress?.Dispose();
    }
}
