using System.Net;
using System.Text;
using System.Text.Json;
using L4Proxy.Admin;
using L4Proxy.Resources;

namespace L4Proxy.Tests.Admin;

public sealed class PreviewTests
{
    private const string DenyShop = """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: deny-shop, namespace: default}
        spec:
          action: DENY
          rules:
          - from:
            - source: {principals: [cluster.local/ns/demo/sa/shop]}
        """;

    [Fact]
    public async Task The_candidate_is_what_live_connections_are_judged_by_and_those_it_denies_are_told()
    {
        MeshModel? candidate = null;
        await using var admin = await AdminHost.StartAsync(impact: model =>
        {
            candidate = model;
            return Task.FromResult(new CandidateImpact(3, 2, [new(
                "abc-7", "inbound", "10.0.0.7:4711", "spiffe://cluster.local/ns/demo/sa/shop", "10.0.0.9:80", 12.5, "default/deny-shop#0", "denied",
                new("AuthorizationPolicy", "default/deny-shop", "a.yaml", 7))]));
        });

        var answer = await admin.PreviewAsync(Request(("a.yaml", DenyShop)));

        Assert.Equal(HttpStatusCode.OK, answer.Code);
        Assert.Equal(
            """{"version":1,"errors":[],"warnings":[],"judged":3,"affected":2,"dryRun":false,"onPolicyChange":"drain","denied":[{"id":"abc-7","direction":"inbound","downstream":"10.0.0.7:4711","peer":"spiffe://cluster.local/ns/demo/sa/shop","destination":"10.0.0.9:80","ageSeconds":12.5,"rule":"default/deny-shop#0","why":"denied","by":{"kind":"AuthorizationPolicy","id":"default/deny-shop","file":"a.yaml","line":7}}]}""",
            answer.Text);
        Assert.Equal("default/deny-shop", Assert.Single(candidate!.Policies.Policies).Origin.Id);
    }

    [Fact]
    public async Task A_candidate_with_errors_says_all_of_them_and_judges_nobody()
    {
        await using var admin = await AdminHost.StartAsync(impact: _ => throw new InvalidOperationException("nothing is to be judged"));

        var answer = await admin.PreviewAsync(Request(
            ("a.yaml", DenyShop.Replace("principals", "principal", StringComparison.Ordinal)), ("b.yaml", DenyShop.Replace("DENY", "DENI", StringComparison.Ordinal))));

        var errors = JsonElement.Parse(answer.Text).GetProperty("errors").EnumerateArray().Select(error => error.GetString()!).ToList();
        Assert.Equal(HttpStatusCode.OK, answer.Code);
        Assert.Contains(errors, error => error.StartsWith("a.yaml:8:", StringComparison.Ordinal) && error.Contains("did you mean 'principals'?", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.StartsWith("b.yaml:5:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Only_one_preview_runs_at_a_time()
    {
        var running = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource<CandidateImpact>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var admin = await AdminHost.StartAsync(impact: _ =>
        {
            running.TrySetResult();
            return release.Task;
        });
        var first = admin.PreviewAsync(Request());
        await running.Task;

        var second = await admin.PreviewAsync(Request());
        release.SetResult(new CandidateImpact(0, 0, []));

        Assert.Equal(HttpStatusCode.TooManyRequests, second.Code);
        Assert.Equal(HttpStatusCode.OK, (await first).Code);
        Assert.Equal(HttpStatusCode.OK, (await admin.PreviewAsync(Request())).Code);
    }

    [Fact]
    public async Task More_than_64_MiB_are_refused_unread()
    {
        await using var admin = await AdminHost.StartAsync();
        using var socket = new System.Net.Sockets.TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, admin.Port);
        await using var stream = socket.GetStream();

        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /policy/preview HTTP/1.1\r\nHost: 127.0.0.1:{admin.Port}\r\nX-L4Proxy-Admin: 1\r\nContent-Type: application/json\r\nContent-Length: {64 * 1024 * 1024 + 1}\r\n\r\n"));

        using var reader = new StreamReader(stream);
        Assert.Equal("HTTP/1.1 413 Payload Too Large", await reader.ReadLineAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"version":1}""")]
    [InlineData("""{"version":2,"resources":[]}""")]
    [InlineData("""{"version":1,"resources":[{"name":"a.yaml"}]}""")]
    [InlineData("""{"version":1,"resources":[],"apply":true}""")]
    public async Task What_is_no_request_of_this_version_is_refused(string content)
    {
        await using var admin = await AdminHost.StartAsync();

        Assert.Equal(HttpStatusCode.BadRequest, (await admin.PreviewAsync(content)).Code);
    }

    internal static string Request(params (string Name, string Text)[] files) =>
        JsonSerializer.Serialize(new PreviewRequest([.. files.Select(file => new CandidateFile(file.Name, file.Text))]), AdminJson.Default.PreviewRequest);
}
