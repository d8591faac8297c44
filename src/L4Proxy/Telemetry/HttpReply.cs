using Microsoft.AspNetCore.Http;

namespace L4Proxy.Telemetry;

/// <summary>Plain answers of the operator endpoints.</summary>
internal static class HttpReply
{
    /// <summary>Whether the method only reads. If not, the answer 405 is set and the caller returns.</summary>
    public static bool AllowsOnlyReading(HttpContext context)
    {
        if (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method))
        {
            return true;
        }
        context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        context.Response.Headers.Allow = "GET, HEAD";
        return false;
    }

    public static Task NotFoundAsync(HttpContext context) =>
        TextAsync(context, StatusCodes.Status404NotFound, "not found\n");

    public static Task TextAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return context.Response.WriteAsync(text, context.RequestAborted);
    }
}
