using static L4Proxy.Tests.Mesh.InboundMesh;
using static L4Proxy.Tests.Mesh.Manifest;

namespace L4Proxy.Tests.Mesh;

/// <summary>A bad file changes nothing, and is told wherever an operator looks.</summary>
public sealed class ResourceFailureTests(InboundMesh mesh) : IClassFixture<InboundMesh>
{
    [Fact]
    public async Task A_bad_file_leaves_the_last_good_policy_in_force_until_it_is_good_again()
    {
        await mesh.Web.ApplyAsync(Deny("demo/deny-other", From("demo/other")));
        await AssertAsync("demo/other", "policyDenied");
        await AssertAsync("demo/shop", "completed");

        await mesh.Web.ApplyRefusedAsync(
            Deny("demo/deny-shop", From("demo/shop")) + Of("AuthorizationPolicy", "demo/bad", "{action: DENY, ruels: [{}]}"));

        await AssertAsync("demo/other", "policyDenied");
        await AssertAsync("demo/shop", "completed");
        Assert.Matches(@"mesh\.yaml:\d+:\d+: .*ruels.*rules", mesh.Web.Proxy.Log.ToString());
        var ready = await mesh.Web.Proxy.AskAsync(Netns.RunningProxy.HealthPort, "/readyz?verbose");
        Assert.Contains(" 200 ", ready, StringComparison.Ordinal);
        Assert.Matches(@"\[\+\]resources ok: .*mesh\.yaml:\d+", ready);

        await mesh.Web.ApplyAsync(Deny("demo/deny-shop", From("demo/shop")));
        await AssertAsync("demo/other", "completed");
        await AssertAsync("demo/shop", "policyDenied");
        Assert.DoesNotContain("mesh.yaml:", await mesh.Web.Proxy.AskAsync(Netns.RunningProxy.HealthPort, "/readyz?verbose"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_that_stand_do_not_notice_a_bad_file()
    {
        await mesh.Web.ApplyAsync(Allow("demo/allow-shop", From("demo/shop")));
        await using var standing = await mesh.DialAsync("demo/shop");
        Assert.Equal("10.77.0.3:8080 one", await standing.AskAsync("one"));

        await mesh.Web.ApplyRefusedAsync("kind: Nonsense\n");

        Assert.Equal("10.77.0.3:8080 two", await standing.AskAsync("two"));
        await standing.EndAsync();
        Assert.Equal("completed", (await mesh.Web.LineAsync()).Reason);
    }

    private async Task AssertAsync(string who, string reason)
    {
        var answer = await mesh.CallAsync(who);
        Assert.Equal((reason, reason == "completed" ? $"{Address}:{Port} hello" : "reset"), ((await mesh.Web.LineAsync()).Reason, answer));
    }
}
