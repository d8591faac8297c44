using System.Net;
using L4Proxy.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;

namespace L4Proxy.Tests.Telemetry;

public sealed class HealthEndpointsTests
{
    private readonly Readiness _readiness = new(NullLogger.Instance);

    [Fact]
    public async Task Failing_conditions_make_it_503_with_a_line_each()
    {
        await using var host = await StartAsync();
        using var client = new HttpClient { BaseAddress = host.Address };
        _readiness.Add("listeners", failing: null);
        _readiness.Add("capture", "the probe was refused; run 'l4proxy redirect apply'");
        _readiness.Add("configuration", "not read yet");

        foreach (var path in new[] { "/readyz", "/healthz/ready" })
        {
            Assert.Equal((HttpStatusCode.ServiceUnavailable,
                "capture: the probe was refused; run 'l4proxy redirect apply'\nconfiguration: not read yet\n"),
                await GetAsync(client, path));
        }
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await GetAsync(client, "/livez"));
    }

    [Fact]
    public async Task Verbose_lists_every_condition_with_its_remark()
    {
        await using var host = await StartAsync();
        using var client = new HttpClient { BaseAddress = host.Address };
        _readiness.Add("listeners", failing: null);
        var capture = _readiness.Add("capture", "not probed yet");
        _readiness.Add("configuration", failing: null).Ok("the last reload was rejected: l4proxy.yaml:3:5");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, """
            [+]listeners ok
            [-]capture failing: not probed yet
            [+]configuration ok: the last reload was rejected: l4proxy.yaml:3:5
            readyz check failed

            """), await GetAsync(client, "/readyz?verbose"));

        capture.Ok();

        Assert.Equal((HttpStatusCode.OK, """
            [+]listeners ok
            [+]capture ok
            [+]configuration ok: the last reload was rejected: l4proxy.yaml:3:5
            readyz check passed

            """), await GetAsync(client, "/readyz?verbose"));
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await GetAsync(client, "/readyz"));
    }

    [Fact]
    public async Task Nothing_is_ready_before_anyone_said_so()
    {
        await using var host = await StartAsync();
        using var client = new HttpClient { BaseAddress = host.Address };
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await GetAsync(client, "/readyz")).Status);
    }

    [Fact]
    public async Task Only_reading_is_allowed_and_only_known_paths_exist()
    {
        await using var host = await StartAsync();
        using var client = new HttpClient { BaseAddress = host.Address };
        using var post = await client.PostAsync(new Uri("/readyz", UriKind.Relative), content: null);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, post.StatusCode);
        Assert.Equal(["GET", "HEAD"], post.Content.Headers.Allow);

        using var head = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, new Uri("/livez", UriKind.Relative)));
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);

        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(client, "/metrics")).Status);
    }

    private Task<OperatorHost> StartAsync() => OperatorHost.StartAsync(new HealthEndpoints(_readiness).InvokeAsync);

    private static async Task<(HttpStatusCode Status, string Text)> GetAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
