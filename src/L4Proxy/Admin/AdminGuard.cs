using System.Globalization;
using System.Net;
using L4Proxy.Telemetry;
using Microsoft.AspNetCore.Http;

namespace L4Proxy.Admin;

/// <summary>
/// Who may ask. Everything of the pod reaches its loopback, so a page in a browser or a workload that fetches URLs for strangers must not be
/// able to speak for an operator: neither by a name that resolves to 127.0.0.1, nor by a form, nor by a script of another origin.
/// </summary>
internal static class AdminGuard
{
    /// <summary>Required where something is sent: a form cannot set it, and a script only after a CORS preflight, which is never granted.</summary>
    public const string Header = "X-L4Proxy-Admin";
    public const string HeaderValue = "1";

    /// <summary>Why the request is turned away; null: it may be looked at.</summary>
    public static (int Status, string Text)? Refusal(HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is not { } remote || !IPAddress.IsLoopback(remote))
        {
            return (StatusCodes.Status403Forbidden, "only the loopback may ask");
        }
        var port = context.Connection.LocalPort.ToString(CultureInfo.InvariantCulture);
        if (!IsOurs(context.Request.Host.Value, port))
        {
            return (StatusCodes.Status403Forbidden, $"the Host header is not of this endpoint; ask for 127.0.0.1:{port}, [::1]:{port} or localhost:{port}");
        }
        var headers = context.Request.Headers;
        if (headers.Origin.Count > 0 || headers["Sec-Fetch-Site"].Any(site => site != "none"))
        {
            return (StatusCodes.Status403Forbidden, "requests made by web pages are not answered");
        }
        return null;
    }

    /// <summary>Whether the method only reads. If not, the answer is set and the caller returns.</summary>
    public static bool Reads(HttpContext context) => HttpReply.AllowsOnlyReading(context);

    /// <summary>Whether something is sent, and meant to be. If not, the reply says why and the caller returns it.</summary>
    public static (int Status, string Text)? NotMeant(HttpContext context)
    {
        var request = context.Request;
        if (!HttpMethods.IsPost(request.Method))
        {
            context.Response.Headers.Allow = HttpMethods.Post;
            return (StatusCodes.Status405MethodNotAllowed, "send it by POST");
        }
        if (request.Headers[Header] is not [HeaderValue])
        {
            return (StatusCodes.Status403Forbidden, $"the header '{Header}: {HeaderValue}' is missing; it shows that the request is meant for this endpoint");
        }
        return request.HasJsonContentType()
            ? null
            : (StatusCodes.Status415UnsupportedMediaType, "the content is not application/json; send JSON and say so");
    }

    private static bool IsOurs(string? host, string port) =>
        host == $"127.0.0.1:{port}" || host == $"[::1]:{port}" || string.Equals(host, $"localhost:{port}", StringComparison.OrdinalIgnoreCase);
}
