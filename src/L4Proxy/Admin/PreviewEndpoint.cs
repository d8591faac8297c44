using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace L4Proxy.Admin;

/// <summary><c>POST /policy/preview</c>: which live connections a candidate set of resources would close. Nothing is applied.</summary>
internal sealed class PreviewEndpoint(AdminSources sources, ILogger logger)
{
    private bool _isRunning;

    public async Task AnswerAsync(HttpContext context)
    {
        // One at a time: a candidate takes as much memory as what is in force.
        if (Interlocked.Exchange(ref _isRunning, true))
        {
            await AdminReply.ErrorAsync(context, StatusCodes.Status429TooManyRequests, "another preview is running; ask again when it is done");
            return;
        }
        try
        {
            if (await ReadAsync(context) is { } request)
            {
                var reply = await Preview.OfAsync(request, sources);
                logger.PolicyPreviewed(reply.Judged, reply.Denied.Count, reply.Errors.Count);
                await AdminReply.JsonAsync(context, reply, AdminJson.Default.PreviewReply);
            }
        }
        finally
        {
            Volatile.Write(ref _isRunning, false);
        }
    }

    /// <returns>Null: it is no request, and that is answered.</returns>
    private static async Task<PreviewRequest?> ReadAsync(HttpContext context)
    {
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = PreviewRequest.MaxBytes;
        try
        {
            var request = await JsonSerializer.DeserializeAsync(context.Request.Body, AdminJson.Default.PreviewRequest, context.RequestAborted);
            if (request is { Version: VersionedShape.Current, Resources: not null } && request.Resources.All(file => file is { Name: not null, Text: not null }))
            {
                return request;
            }
            await AdminReply.ErrorAsync(context, StatusCodes.Status400BadRequest,
                "this is not a request of version 1; send {\"version\":1,\"resources\":[{\"name\":\"a.yaml\",\"text\":\"...\"}]}");
        }
        catch (JsonException wrong)
        {
            await AdminReply.ErrorAsync(context, StatusCodes.Status400BadRequest, $"the content is not the JSON that is expected here: {wrong.Message}");
        }
        catch (BadHttpRequestException refused)
        {
            await AdminReply.ErrorAsync(context, refused.StatusCode, refused.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? "the resources are larger than 64 MiB; is this the right directory?"
                : refused.Message);
        }
        return null;
    }
}
