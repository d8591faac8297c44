using System.Globalization;
using L4Proxy.Admin;
using L4Proxy.Configuration;
using L4Proxy.Tests.Admin;

namespace L4Proxy.Tests.Commands;

public sealed class PolicyPreviewCommandTests : IDisposable
{
    private static readonly ProxyOptions _web = new()
    {
        Workload = new WorkloadOptions { Namespace = "demo", Labels = new WorkloadOptions().Labels.Add("app", "web") },
    };

    private readonly PolicyFiles _files = new();

    [Fact]
    public async Task What_would_be_closed_is_listed_and_the_verb_fails()
    {
        await using var admin = await AdminHost.StartAsync(options: _web, impact: model =>
        {
            Assert.Equal("demo/web", Assert.Single(model.Policies.Policies).Origin.Id);
            return Task.FromResult(new CandidateImpact(1000, 3, [
                new("q7-41", "inbound", "10.0.0.7:4711", "spiffe://cluster.local/ns/demo/sa/shop", "10.0.0.9:81", 4000, "demo/no-shop#0", "denied by rule 0",
                    new("AuthorizationPolicy", "demo/no-shop", "deny.yaml", 7)),
                new("q7-42", "inbound", "10.0.0.7:4712", null, "10.0.0.9:81", 0.25, null, "the port demands mutual TLS now", null),
            ]));
        });

        Assert.Equal((1, """
            q7-41 inbound 10.0.0.7:4711 spiffe://cluster.local/ns/demo/sa/shop -> 10.0.0.9:81, open for 1:06:40: rule demo/no-shop#0 [AuthorizationPolicy demo/no-shop, deny.yaml:7]
            q7-42 inbound 10.0.0.7:4712 in clear -> 10.0.0.9:81, open for 0.3 s: the port demands mutual TLS now
            1000 live connection(s), 3 affected, 2 would be denied and closed (mesh.onPolicyChange is drain)

            """, ""), await RunAsync(admin));
    }

    [Fact]
    public async Task It_succeeds_when_nothing_would_be_closed()
    {
        await using var admin = await AdminHost.StartAsync(options: _web, impact: _ => Task.FromResult(new CandidateImpact(7, 0, [])));

        Assert.Equal((0, "7 live connection(s), 0 affected, 0 would be denied\n", ""), await RunAsync(admin));
    }

    [Fact]
    public async Task Errors_of_the_candidate_are_said_as_check_says_them()
    {
        _files.Write("policies/bad.yaml", "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: bad}\nspec: {actoin: DENY}\n");
        await using var admin = await AdminHost.StartAsync(options: _web);

        var (code, output, error) = await RunAsync(admin);

        Assert.Equal((1, ""), (code, output));
        Assert.Contains("bad.yaml:4:8: spec.actoin: unknown key; did you mean 'action'?\n", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_cannot_be_sent_is_said_before_anybody_is_asked()
    {
        File.WriteAllBytes(_files.File("policies/bad.yaml"), [0x61, 0xFF]);

        var (code, _, error) = await Verb.RunAsync("policy", "preview", "--resources", _files.Resources, "--admin-port", "1");

        Assert.Equal((1, "bad.yaml:1:2: byte 0xFF is not UTF-8; save the file as UTF-8\n"), (code, error));
    }

    public void Dispose() => _files.Dispose();

    private Task<(int Code, string Output, string Error)> RunAsync(AdminHost admin) => Verb.RunAsync(
        "policy", "preview", "--resources", _files.Resources, "--admin-port", admin.Port.ToString(CultureInfo.InvariantCulture));
}
