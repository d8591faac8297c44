using System.Text;
using Microsoft.AspNetCore.Http;

namespace L4Proxy.Telemetry;

/// <summary>
/// What the health port answers: <c>/livez</c> (200 as long as the process serves at all), <c>/readyz</c> and its alias
/// <c>/healthz/ready</c> (200, or 503 with one line per failing condition; <c>?verbose</c> lists all of them).
/// </summary>
internal sealed class HealthEndpoints(Readiness readiness)
{
    /// <summary>A <see cref="RequestDelegate"/> for the health port.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        var path = context.Request.Path.Value;
        if (path is not ("/livez" or "/readyz" or "/healthz/ready"))
        {
            return HttpReply.NotFoundAsync(context);
        }
        if (!HttpReply.AllowsOnlyReading(context))
        {
            return Task.CompletedTask;
        }
        if (path == "/livez")
        {
            return HttpReply.TextAsync(context, StatusCodes.Status200OK, "ok\n");
        }
        var isReady = readiness.IsReady;
        var text = context.Request.Query.ContainsKey("verbose") ? Verbose(isReady) : isReady ? "ok\n" : Failing();
        return HttpReply.TextAsync(context, isReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, text);
    }

    private string Failing()
    {
        var text = new StringBuilder();
        foreach (var condition in readiness.Conditions.Where(condition => !condition.IsOk))
        {
            text.Append(condition).Append('\n');
        }
        return text.ToString();
    }

    private string Verbose(bool isReady)
    {
        var text = new StringBuilder();
        foreach (var condition in readiness.Conditions)
        {
            text.Append(condition.Verbose()).Append('\n');
        }
        return text.Append(isReady ? "readyz check passed\n" : "readyz check failed\n").ToString();
    }
}
