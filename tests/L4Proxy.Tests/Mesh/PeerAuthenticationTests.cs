using static L4Proxy.Tests.Mesh.InboundMesh;
using static L4Proxy.Tests.Mesh.Manifest;

namespace L4Proxy.Tests.Mesh;

/// <summary>How callers must come is what PeerAuthentication resources say, port by port and from one connection to the next.</summary>
public sealed class PeerAuthenticationTests(InboundMesh mesh) : IClassFixture<InboundMesh>
{
    private static readonly string _strictPort = Of(
        "PeerAuthentication", "demo/web", $"{{selector: {{matchLabels: {{app: web}}}}, portLevelMtls: {{{Port}: {{mode: STRICT}}}}}}");

    [Fact]
    public async Task One_port_is_STRICT_and_the_rest_stays_PERMISSIVE()
    {
        await mesh.Web.ApplyAsync(Of("PeerAuthentication", "demo/web",
            "{selector: {matchLabels: {app: web}}, mtls: {mode: PERMISSIVE}, portLevelMtls: {8081: {mode: STRICT}}}"));

        await AssertAsync(Nobody, Port, "completed");
        await AssertAsync("demo/shop", Port, "completed");
        await AssertAsync(Nobody, OtherPort, "plaintextRefused");
        await AssertAsync("demo/shop", OtherPort, "completed");
    }

    [Fact]
    public async Task A_mode_is_switched_while_the_proxy_runs_and_taken_back()
    {
        await mesh.Web.ApplyAsync("");
        await AssertAsync(Nobody, Port, "completed");

        await mesh.Web.ApplyAsync(Of("PeerAuthentication", "istio-system/default", "{mtls: {mode: STRICT}}"));
        await AssertAsync(Nobody, Port, "plaintextRefused");
        await AssertAsync("demo/shop", Port, "completed");

        // What is narrower wins.
        await mesh.Web.ApplyAsync(Of("PeerAuthentication", "istio-system/default", "{mtls: {mode: STRICT}}")
            + Of("PeerAuthentication", "demo/default", "{mtls: {mode: PERMISSIVE}}"));
        await AssertAsync(Nobody, Port, "completed");

        await mesh.Web.ApplyAsync("");
        await AssertAsync(Nobody, Port, "completed");
    }

    [Fact]
    public async Task A_port_that_becomes_STRICT_closes_whoever_stands_there_in_clear_and_nobody_else()
    {
        await mesh.Web.ApplyAsync("");
        await using var clear = await mesh.DialAsync(Nobody);
        await using var elsewhere = await mesh.DialAsync(Nobody, OtherPort);
        await using var secured = await mesh.DialAsync("demo/shop");
        // Answered, they stand: a client that has said nothing may still be waited for.
        foreach (var (call, port) in new[] { (clear, Port), (elsewhere, OtherPort), (secured, Port) })
        {
            Assert.Equal($"{Address}:{port} hello", await call.AskAsync("hello"));
        }

        await mesh.Web.ApplyAsync(_strictPort);

        Assert.True(await clear.EndingAsync() is "reset" or "ended");
        Assert.Equal("policyChanged", (await mesh.Web.LineAsync()).Reason);
        Assert.Equal($"{Address}:{OtherPort} still", await elsewhere.AskAsync("still"));
        Assert.Equal($"{Address}:{Port} still", await secured.AskAsync("still"));
        await elsewhere.EndAsync();
        await secured.EndAsync();
        Assert.All(await mesh.Web.LinesAsync(2), line => Assert.Equal("completed", line.Reason));
    }

    [Fact]
    public async Task A_port_that_becomes_STRICT_while_a_client_still_says_nothing_refuses_it()
    {
        await mesh.Web.ApplyAsync("");
        await using var silent = await mesh.DialAsync(Nobody);

        await mesh.Web.ApplyAsync(_strictPort);

        Assert.True(await silent.EndingAsync() is "reset" or "ended");
        // Either it was let in just before, or it was refused when its time to speak was over; it never stays.
        Assert.True((await mesh.Web.LineAsync()).Reason is "plaintextRefused" or "policyChanged");
    }

    [Fact]
    public async Task A_mode_of_another_namespace_and_of_other_labels_does_not_reach_the_workload()
    {
        await mesh.Web.ApplyAsync(Of("PeerAuthentication", "ops/default", "{mtls: {mode: STRICT}}")
            + Of("PeerAuthentication", "demo/db", "{selector: {matchLabels: {app: db}}, mtls: {mode: STRICT}}"));
        await AssertAsync(Nobody, Port, "completed");
    }

    private async Task AssertAsync(string who, int port, string reason)
    {
        var answer = await mesh.CallAsync(who, port);
        Assert.Equal((reason, reason == "completed" ? $"{Address}:{port} hello" : "reset"), ((await mesh.Web.LineAsync()).Reason, answer));
    }
}
