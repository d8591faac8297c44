using System.Net;
using BenchmarkDotNet.Attributes;
using L4Proxy.Core.Connections;
using L4Proxy.Core.Routing;

namespace L4Proxy.Microbench.Routing;

/// <summary>Asked once per captured connection. Leaves out the kernel's answer to "is this address mine", which the caller caches.</summary>
public class LoopGuardBenchmark
{
    private readonly LoopGuard _guard = new([15001, 15006, 15021, 15090], new IPAddress([10, 0, 0, 7]).Equals);
    private readonly OriginalDestination _elsewhere = new(new IPEndPoint(IPAddress.Parse("10.0.0.8"), 443));
    private readonly OriginalDestination _remoteOnOurPort = new(new IPEndPoint(IPAddress.Parse("10.0.0.8"), 15001));
    private readonly OriginalDestination _self = new(new IPEndPoint(IPAddress.Loopback, 15001));

    [GlobalSetup]
    public void Check()
    {
        if (_guard.WouldLoop(_elsewhere) || _guard.WouldLoop(_remoteOnOurPort) || !_guard.WouldLoop(_self))
        {
            throw new InvalidOperationException("LoopGuard gives wrong answers: a timing of it would mean nothing.");
        }
    }

    [Benchmark(Baseline = true, Description = "another port")]
    [AllocatesNothing]
    public bool Another_port() => _guard.WouldLoop(_elsewhere);

    [Benchmark(Description = "our port, loopback")]
    [AllocatesNothing]
    public bool Our_port_on_loopback() => _guard.WouldLoop(_self);
}
