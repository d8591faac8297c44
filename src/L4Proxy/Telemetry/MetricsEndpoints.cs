using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace L4Proxy.Telemetry;

/// <summary>
/// What a metrics port answers: <c>/metrics</c> and <c>/stats/prometheus</c> (Envoy's path, which Istio's
/// scrape annotations use).
/// </summary>
internal sealed class MetricsEndpoints(PrometheusWriter writer)
{
    /// <summary>A <see cref="RequestDelegate"/> for every metrics port.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Path.Value is not ("/metrics" or "/stats/prometheus"))
        {
            await HttpReply.NotFoundAsync(context);
            return;
        }
        if (!HttpReply.AllowsOnlyReading(context))
        {
            return;
        }
        var openMetrics = PrefersOpenMetrics(context.Request.Headers.Accept);
        context.Response.ContentType = openMetrics ? PrometheusWriter.OpenMetricsContentType : PrometheusWriter.TextContentType;
        context.Response.Headers.Vary = HeaderNames.Accept;
        writer.Write(context.Response.BodyWriter, openMetrics);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    /// <summary>
    /// Whether a scraper asks for OpenMetrics 1.0 at least as much as for plain text. Text is the answer to everything else, also to
    /// a list we cannot read: a scrape in the wrong format is better than none.
    /// </summary>
    internal static bool PrefersOpenMetrics(StringValues accept)
    {
        if (!MediaTypeHeaderValue.TryParseList(accept, out var accepted))
        {
            return false;
        }
        var open = 0.0;
        var text = 0.0;
        foreach (var media in accepted)
        {
            var quality = media.Quality ?? 1;
            if (media.MediaType.Equals("application/openmetrics-text", StringComparison.OrdinalIgnoreCase))
            {
                var version = media.Parameters
                    .FirstOrDefault(parameter => parameter.Name.Equals("version", StringComparison.OrdinalIgnoreCase));
                open = version is null || version.Value.Equals("1.0.0", StringComparison.Ordinal) ? Math.Max(open, quality) : open;
            }
            else if (media.MediaType.Equals("text/plain", StringComparison.OrdinalIgnoreCase))
            {
                text = Math.Max(text, quality);
            }
        }
        return open > 0 && open >= text;
    }
}
