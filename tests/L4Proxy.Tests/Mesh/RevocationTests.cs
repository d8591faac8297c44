using System.Globalization;
using System.Text.Json;
using L4Proxy.Tests.Running;
using L4Proxy.Tests.Tls;
using Xunit.Abstractions;
using static L4Proxy.Tests.Mesh.Manifest;

namespace L4Proxy.Tests.Mesh;

/// <summary>
/// A thousand connections of <c>demo/shop</c> and a few of <c>demo/other</c> stand, each through two proxies and mutual TLS, when policy
/// begins to deny the few.
/// </summary>
[Collection(RunningCollection.Name)]
public sealed class RevocationTests(RevocationTests.StandingMesh mesh, ITestOutputHelper output) : IClassFixture<RevocationTests.StandingMesh>
{
    private const int Many = 1000, Few = 5;

    /// <summary>From the file to the last of those that it denies.</summary>
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(2);

    private static readonly string _deny = Deny("demo/deny-other", From("demo/other"));

    [Theory]
    [InlineData("drain")]
    [InlineData("cut")]
    public async Task Who_is_denied_from_now_on_is_closed_within_two_seconds_and_nobody_else(string action)
    {
        await mesh.Web.ReconfigureAsync(settings => settings with { Mesh = $"mtls: STRICT, onPolicyChange: {action}" });
        await mesh.Web.ApplyAsync("");
        var calls = await mesh.DialAsync(mesh.Other, Few);

        var started = TimeProvider.System.GetTimestamp();
        var endings = Task.WhenAll(calls.Select(call => call.EndingAsync()));
        await mesh.Web.ApplyAsync(_deny);
        await endings;
        var took = TimeProvider.System.GetElapsedTime(started);

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{action}: {Few} connections closed {took.TotalMilliseconds:F0} ms after the file was written; {Many} stayed"));
        Assert.InRange(took, TimeSpan.Zero, _limit);
        // Drained in order are those that nothing has moved on for a while.
        Assert.All(await endings, ending => Assert.True(ending == "reset" || (ending == "ended" && action == "drain"), ending));
        await StandingMesh.HangUpAsync(calls);
        var lines = await mesh.Web.LinesAsync(Few);
        Assert.All(lines, line => Assert.Equal(("policyChanged", MeshAuthority.Id("demo/other"), "demo/deny-other#0", "proxy"),
            (line.Reason, EndingFacts.Text(line.Line, "peerIdentity"), EndingFacts.Text(line.Line, "rule"), EndingFacts.Text(line.Line, "endedBy"))));
        await mesh.AssertManyAnswerAsync();
        Assert.Equal(Many, await mesh.Web.Proxy.MetricAsync("l4proxy_connections_active", "direction=\"inbound\""));
        Assert.Equal("reset", await Call.OnceAsync(mesh.Other.Application, mesh.Web.Address, 8080));
        Assert.Equal("policyDenied", (await mesh.Web.LineAsync()).Reason);
    }

    [Fact]
    public async Task Where_they_are_to_be_kept_only_new_connections_are_denied()
    {
        await mesh.Web.ReconfigureAsync(settings => settings with { Mesh = "mtls: STRICT, onPolicyChange: keep" });
        await mesh.Web.ApplyAsync("");
        var calls = await mesh.DialAsync(mesh.Other, Few);

        await mesh.Web.ApplyAsync(_deny);

        Assert.Equal("reset", await Call.OnceAsync(mesh.Other.Application, mesh.Web.Address, 8080));
        Assert.Equal("policyDenied", (await mesh.Web.LineAsync()).Reason);
        foreach (var call in calls)
        {
            Assert.Equal($"{mesh.Web.Address}:8080 still", await call.AskAsync("still"));
            await call.EndAsync();
        }
        await StandingMesh.HangUpAsync(calls);
        Assert.All(await mesh.Web.LinesAsync(Few), line => Assert.Equal("completed", line.Reason));
        await mesh.AssertManyAnswerAsync();
    }

    [Fact]
    public async Task A_preview_names_exactly_those_whom_it_would_close_and_closes_nobody()
    {
        await mesh.Web.ReconfigureAsync(settings => settings with { Mesh = "mtls: STRICT, onPolicyChange: cut" });
        await mesh.Web.ApplyAsync("");
        var calls = await mesh.DialAsync(mesh.Other, Few);
        using var candidate = new ResourceDirectory(_deny);

        var preview = mesh.Web.Verb("policy", "preview", "--json", "--resources", candidate.Path);

        Assert.True(preview.Output.Length > 0, preview.All);
        var denied = JsonElement.Parse(preview.Output).GetProperty("denied").EnumerateArray().ToList();
        Assert.Equal(Few, denied.Count);
        Assert.All(denied, one => Assert.Equal((MeshAuthority.Id("demo/other"), "demo/deny-other#0"), (EndingFacts.Text(one, "peer"), EndingFacts.Text(one, "rule"))));
        foreach (var call in calls)
        {
            Assert.Equal($"{mesh.Web.Address}:8080 still", await call.AskAsync("still"));
        }
        await mesh.AssertManyAnswerAsync();

        // And it tells the truth: these are the ones that go.
        await mesh.Web.ApplyAsync(_deny);
        await StandingMesh.HangUpAsync(calls);
        Assert.Equal(denied.Select(one => EndingFacts.Text(one, "id")).Order(StringComparer.Ordinal),
            (await mesh.Web.LinesAsync(Few)).Select(line => EndingFacts.Text(line.Line, "id")).Order(StringComparer.Ordinal));
    }

    /// <summary>Three pods, and the thousand connections that stay from the first test to the last.</summary>
    public sealed class StandingMesh : IAsyncLifetime
    {
        private MeshTopology Topology { get; } = new();
        private MeshAuthority Authority { get; } = new();
        private EchoService? Echo { get; set; }
        private IReadOnlyList<Call> _many = [];

        internal MeshedPod Web { get; private set; } = null!;
        internal MeshedPod Shop { get; private set; } = null!;
        internal MeshedPod Other { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Web = await MeshedPod.StartAsync(Topology, Authority, new PodSettings("demo/web", 3) { Mesh = "mtls: STRICT" });
            Echo = new EchoService(Web.Where, 8080);
            var service = Service("web", "10.96.0.10", Manifest.Web(Web.Address));
            Shop = await MeshedPod.StartAsync(Topology, Authority, new PodSettings("demo/shop", 2), service);
            Other = await MeshedPod.StartAsync(Topology, Authority, new PodSettings("demo/other", 4), service);
            _many = await DialAsync(Shop, Many);
        }

        public async Task DisposeAsync()
        {
            await HangUpAsync(_many);
            foreach (var pod in new[] { Shop, Other, Web }.OfType<MeshedPod>())
            {
                await pod.DisposeAsync();
            }
            if (Echo is not null)
            {
                await Echo.DisposeAsync();
            }
            Topology.Dispose();
            Authority.Dispose();
        }

        /// <summary>So many connections, each of which has been answered once.</summary>
        internal async Task<IReadOnlyList<Call>> DialAsync(MeshedPod from, int count)
        {
            var calls = new Call[count];
            await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
            {
                calls[i] = await Call.DialAsync(from.Application, Web.Address, 8080);
                Assert.Equal($"{Web.Address}:8080 {i}", await calls[i].AskAsync($"{i}"));
            });
            return calls;
        }

        internal async Task AssertManyAnswerAsync()
        {
            for (var i = 0; i < _many.Count; i++)
            {
                Assert.Equal($"{Web.Address}:8080 still {i}", await _many[i].AskAsync($"still {i}"));
            }
        }

        internal static async Task HangUpAsync(IEnumerable<Call> calls)
        {
            foreach (var call in calls)
            {
                await call.DisposeAsync();
            }
        }
    }
}
