using System.Diagnostics;
using L4Proxy.Transport.Tests.Harness;

namespace L4Proxy.Transport.Tests.Accepting;

public sealed class ExhaustionTests
{
    private const int Descriptors = 200;

    [Fact]
    public void Without_descriptors_the_acceptor_waits_and_serves_the_pending_when_there_are_some()
    {
        using var proxy = new StarvedProxy(Descriptors);
        var clients = Enumerable.Range(0, Descriptors + 20).Select(_ => Greeting(proxy)).ToList();
        var patience = Stopwatch.StartNew();
        while (proxy.Measure(1, () => { }).BackedOffInAll < 4)
        {
            Assert.True(patience.Elapsed < Patience.Limit, "descriptors never ran out");
        }

        // More clients come while there is nothing for them: each is an edge of the listener, none is a reason to try again.
        var starving = proxy.Measure(1000, () => clients.AddRange(Enumerable.Range(0, 50).Select(_ => Greeting(proxy))));

        Assert.InRange(starving.BackedOff, 1, 8);
        Assert.InRange(starving.CpuMilliseconds, 0, 100);
        Assert.True(proxy.IsAlive);

        // Accepted in order, so the first ones hold the descriptors. The rest is served as soon as they are gone.
        clients.Take(Descriptors).ToList().ForEach(client => client.Dispose());
        clients.RemoveRange(0, Descriptors);
        Assert.All(clients, client => client.Receive(1));
        clients.ForEach(client => client.Dispose());
    }

    private static ScriptedPeer Greeting(StarvedProxy proxy)
    {
        var client = ScriptedPeer.Connect(proxy.Address);
        client.Send(1);
        return client;
    }
}
