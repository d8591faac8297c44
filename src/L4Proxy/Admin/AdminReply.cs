using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace L4Proxy.Admin;

/// <summary>Every reply of the admin port: JSON, never stored, never told to another origin.</summary>
internal static class AdminReply
{
    public static Task ErrorAsync(HttpContext context, int status, string error)
    {
        context.Response.StatusCode = status;
        return JsonAsync(context, new ErrorReply(error), AdminJson.Default.ErrorReply);
    }

    public static Task JsonAsync<T>(HttpContext context, T reply, JsonTypeInfo<T> type)
    {
        var response = context.Response;
        response.ContentType = "application/json";
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : JsonSerializer.SerializeAsync(response.Body, reply, type, context.RequestAborted);
    }
}
