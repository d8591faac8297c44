using System.Globalization;
using L4Proxy.Tests.Running;
using Xunit.Abstractions;

namespace L4Proxy.Tests.Tls.Endurance;

/// <summary>Nobody notices a rotation: not of leaves, again and again, and not of the root beneath them.</summary>
/// <remarks>
/// Short by default. <c>scripts/soak.sh rotation</c> sets the variables for the long run: leaves of 60 s, renewed every 20 s, for five minutes.
/// </remarks>
[Collection(RunningCollection.Name)]
public sealed class RotationTests(ITestOutputHelper output)
{
    /// <summary>The shortest that <c>pki dev</c> issues.</summary>
    private static readonly int _lifetime = SoakSetting.Of("L4PROXY_SOAK_ROTATION_LIFETIME_SECONDS", 10);
    private static readonly int _every = SoakSetting.Of("L4PROXY_SOAK_ROTATION_EVERY_SECONDS", 3);
    private static readonly int _seconds = SoakSetting.Of("L4PROXY_SOAK_ROTATION_SECONDS", 18);
    private const int PerSecond = 200;

    [Fact]
    public async Task While_leaves_and_then_the_root_are_rotated_no_handshake_fails()
    {
        await using var mesh = await RotatingMesh.StartAsync($"{_lifetime}s");
        await using var established = await mesh.DialAsync();
        await established.EchoAsync("before");
        var load = new HandshakeLoad(mesh.Calls, rows: 8, PerSecond);

        using (var every = new PeriodicTimer(TimeSpan.FromSeconds(_every)))
        {
            for (var passed = 0; passed < _seconds; passed += _every)
            {
                await every.WaitForNextTickAsync();
                await mesh.RotateAsync();
            }
        }
        var leaves = load.Succeeded;
        // Old, old and new, leaves of the new; and whoever connected by then outlives the old.
        await MeetAsync("--new-root");
        await MeetAsync("");
        await established.EchoAsync("all the while");
        await established.EndAsync();
        await using var ofTheNewRoot = await mesh.DialAsync();
        await MeetAsync("--drop-old-roots");
        await ofTheNewRoot.EchoAsync("after");
        await ofTheNewRoot.EndAsync();
        var perSecond = load.SucceededPerSecond;
        await load.StopAsync();

        var generations = await RotatingMesh.GenerationAsync(mesh.Terminating);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{load.Succeeded} connections at {perSecond:F0}/s, {load.Failures.Count} failed; {leaves} of them while leaves of {_lifetime} s were rotated every {_every} s, the rest over a rotation of the root; {generations} generations"));
        Assert.True(load.Failures.Count == 0, $"{load.Failures.Count} of {load.Failures.Count + load.Succeeded} failed, the first: {load.Failures.FirstOrDefault()}");
        foreach (var proxy in new[] { mesh.Terminating, mesh.Originating })
        {
            Assert.Equal(0, await proxy.MetricAsync("""l4proxy_handshakes_total{side="terminate",result="failed"}""")
                + await proxy.MetricAsync("""l4proxy_handshakes_total{side="originate",result="failed"}"""));
            Assert.Equal(1, await proxy.MetricAsync("l4proxy_identity_last_reload_success"));
        }
        await mesh.Originating.EndAsync();
        await mesh.Terminating.EndAsync();

        async Task MeetAsync(string step)
        {
            await mesh.RotateAsync(step);
            // Whatever began with what was before is over; the next step may take that away.
            var begun = load.Begun;
            await Patience.UntilAsync("every connection is a later one", () => Task.FromResult(load.AreOver(begun)));
        }
    }
}
