using System.Net;
using L4Proxy.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace L4Proxy.Tests.Telemetry;

public sealed class MetricsEndpointsTests
{
    [Theory]
    [InlineData("", false)]
    [InlineData("*/*", false)]
    [InlineData("text/plain", false)]
    [InlineData("application/openmetrics-text", true)]
    [InlineData("application/openmetrics-text; version=0.0.1", false)]
    [InlineData("application/openmetrics-text;q=0.1, text/plain", false)]
    [InlineData("application/openmetrics-text;q=0, */*", false)]
    [InlineData("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,"
        + "text/plain;version=0.0.4;q=0.2,*/*;q=0.1", true)]
    [InlineData(";;;", false)]
    public void The_accept_header_decides_the_format(string accept, bool openMetrics) =>
        Assert.Equal(openMetrics, MetricsEndpoints.PrefersOpenMetrics(accept));

    [Theory]
    [InlineData("/metrics", "text/plain", PrometheusWriter.TextContentType)]
    [InlineData("/stats/prometheus", "application/openmetrics-text", PrometheusWriter.OpenMetricsContentType)]
    public async Task A_scrape_over_http_is_the_writers_text(string path, string accept, string contentType)
    {
        using var instruments = new Instruments();
        using var writer = new PrometheusWriter(instruments);
        await using var host = await OperatorHost.StartAsync(new MetricsEndpoints(writer).InvokeAsync);
        using var client = new HttpClient { BaseAddress = host.Address };
        client.DefaultRequestHeaders.TryAddWithoutValidation("Accept", accept);

        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(contentType, answer.Content.Headers.ContentType!.ToString());
        Assert.Equal(PrometheusWriterTests.Scrape(writer, contentType == PrometheusWriter.OpenMetricsContentType),
            await answer.Content.ReadAsStringAsync());

        using var other = await client.GetAsync(new Uri("/", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
        using var delete = await client.DeleteAsync(new Uri(path, UriKind.Relative));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, delete.StatusCode);
    }

    [Fact]
    public async Task The_port_decides_who_answers()
    {
        var health = new HealthEndpoints(new Readiness(NullLogger.Instance));
        var endpoints = new OperatorEndpoints([KeyValuePair.Create<int, RequestDelegate>(15021, health.InvokeAsync)]);

        Assert.Equal(200, await AskAsync(15021));
        Assert.Equal(404, await AskAsync(15020));

        async Task<int> AskAsync(int port)
        {
            var context = new DefaultHttpContext { Connection = { LocalPort = port }, Request = { Method = "GET", Path = "/livez" } };
            await endpoints.InvokeAsync(context);
            return context.Response.StatusCode;
        }
    }
}
