using System.Globalization;
using L4Proxy.Tests.Running;
using Xunit.Abstractions;

namespace L4Proxy.Tests.Tls.Endurance;

/// <summary>A handshake leaves nothing behind, in the proxy that terminates and in the one that originates.</summary>
/// <remarks>Three thousand by default; <c>scripts/soak.sh handshakes</c> asks for two hundred thousand.</remarks>
[Collection(RunningCollection.Name)]
public sealed class HandshakeMemoryTests(ITestOutputHelper output)
{
    private static readonly int _handshakes = SoakSetting.Of("L4PROXY_SOAK_HANDSHAKES", 3000);

    /// <summary>
    /// What the collector may take more between two moments, however many handshakes lie between. What OpenSSL holds for one connection is
    /// 40 KB and more, so the 2000 handshakes of the short run would take 80 MB if each left its own behind, and 16 MB are 8 KB for each;
    /// of the long run they are 120 bytes for each.
    /// </summary>
    private const long Allowed = 16 << 20;

    [Fact]
    public async Task Memory_stays_where_a_third_of_the_handshakes_has_brought_it()
    {
        await using var mesh = await RotatingMesh.StartAsync("24h");
        // Each kind of connection in turn: of three connections each proxy is at one end of two.
        await RunAsync(mesh, _handshakes / 2);
        var before = Memory(mesh);
        var perSecond = await RunAsync(mesh, _handshakes);

        var after = Memory(mesh);
        foreach (var (proxy, side, at) in new[] { (mesh.Terminating, "terminate", 0), (mesh.Originating, "originate", 1) })
        {
            var done = await proxy.MetricAsync($$"""l4proxy_handshakes_total{side="{{side}}",result="succeeded"}""");
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{side}: {done} handshakes, {before[at] / 1048576.0:F1} MiB after a third, {after[at] / 1048576.0:F1} MiB in the end; {perSecond:F0} connections/s"));
            Assert.Equal(_handshakes, done);
            Assert.InRange(after[at] - before[at], long.MinValue, Allowed);
        }
        await mesh.Originating.EndAsync();
        await mesh.Terminating.EndAsync();
    }

    private static async Task<double> RunAsync(RotatingMesh mesh, int connections)
    {
        var load = new HandshakeLoad(mesh.Calls, rows: 8, count: connections);
        await load.Done;
        Assert.True(load.Failures.Count == 0, $"{load.Failures.Count} failed, the first: {load.Failures.FirstOrDefault()}");
        return load.SucceededPerSecond;
    }

    private static long[] Memory(RotatingMesh mesh) =>
        [ProcessUsage.ProportionalBytes(mesh.Terminating.Id), ProcessUsage.ProportionalBytes(mesh.Originating.Id)];
}
