using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace L4Proxy.Admin;

/// <summary>What the admin port answers. JSON, each reply with the version of its shape; whoever may not ask is turned away first.</summary>
internal sealed class AdminEndpoints(AdminSources sources, ILogger logger)
{
    private readonly PreviewEndpoint _preview = new(sources, logger);

    /// <summary>A <see cref="RequestDelegate"/> for the admin port.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        if (AdminGuard.Refusal(context) is { } refusal)
        {
            return AdminReply.ErrorAsync(context, refusal.Status, refusal.Text);
        }
        return context.Request.Path.Value switch
        {
            "/explain" => AdminGuard.Reads(context) ? ExplainEndpoint.AnswerAsync(context, sources) : Task.CompletedTask,
            "/policy" => AdminGuard.Reads(context) ? PolicyEndpoint.AnswerAsync(context, sources) : Task.CompletedTask,
            "/policy/preview" => AdminGuard.NotMeant(context) is { } not
                ? AdminReply.ErrorAsync(context, not.Status, not.Text)
                : _preview.AnswerAsync(context),
            _ => AdminReply.ErrorAsync(context, StatusCodes.Status404NotFound, "not found; there are /explain, /policy and /policy/preview"),
        };
    }
}
