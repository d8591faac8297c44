using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using L4Proxy.Admin;

namespace L4Proxy.Commands;

/// <summary><c>l4proxy policy preview</c>: which live connections of the running proxy a set of resources would close.</summary>
internal static class PolicyPreviewCommand
{
    private const int NothingCloses = 0, Failed = 1;

    private static readonly Option<string> _resources = new("--resources")
    {
        HelpName = "DIR",
        Required = true,
        Description = "The resources as they would be, all of them: a directory or a file.",
    };

    private static readonly Option<int> _adminPort = OperatorOptions.AdminPort();
    private static readonly Option<bool> _json = OperatorOptions.Json();

    public static Command Create()
    {
        var command = new Command("preview", """
            Asks the running proxy which of its live connections these resources would close if they took the place of those in force, and
            which rule at which line would do it. Nothing is changed.

            Example:
              l4proxy policy preview --resources new-resources/

            Exit code: 0 nothing would be closed; 1 something would, or the resources have errors, or there is no answer; 2 wrong usage.
            """) { _resources, _adminPort, _json };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        try
        {
            var files = CandidateFiles.Read(parsed.GetRequiredValue(_resources), out var unreadable);
            if (unreadable.Count > 0)
            {
                await CandidateText.WriteAsync(error, unreadable);
                return Failed;
            }
            using var client = new AdminClient(parsed.GetValue(_adminPort));
            var reply = await client.PostAsync("/policy/preview", new PreviewRequest(files), AdminJson.Default.PreviewRequest,
                AdminJson.Default.PreviewReply, cancellationToken);
            if (parsed.GetValue(_json))
            {
                await output.WriteLineAsync(JsonSerializer.Serialize(reply, CommandJson.Readable.PreviewReply));
            }
            else
            {
                await WriteAsync(reply, output, error);
            }
            return reply is { Errors.Count: 0, Denied.Count: 0 } ? NothingCloses : Failed;
        }
        catch (AdminException silent)
        {
            await error.WriteLineAsync($"l4proxy policy preview: {silent.Message}");
            return Failed;
        }
    }

    private static async Task WriteAsync(PreviewReply reply, TextWriter output, TextWriter error)
    {
        foreach (var wrong in reply.Errors)
        {
            await error.WriteLineAsync(wrong);
        }
        foreach (var doubtful in reply.Warnings)
        {
            await error.WriteLineAsync($"warning: {doubtful}");
        }
        if (reply.Errors.Count > 0)
        {
            return;
        }
        foreach (var each in reply.Denied)
        {
            await output.WriteLineAsync(
                $"{each.Id} {each.Direction} {each.Downstream} {each.Peer ?? "in clear"} -> {each.Destination}, open for {Age(each.AgeSeconds)}: "
                + $"{(each.Rule is null ? each.Why : $"rule {each.Rule}")}{ExplainText.Place(each.By)}");
        }
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"{reply.Judged} live connection(s), {reply.Affected} affected, {reply.Denied.Count} would be denied{Remark(reply)}"));
    }

    private static string Remark(PreviewReply reply) =>
        reply.DryRun ? "; mesh.policyDryRun is on, so nothing is ever denied"
        : reply.Denied.Count == 0 ? ""
        : reply.OnPolicyChange == "keep" ? " and live on (mesh.onPolicyChange is keep)"
        : reply.OnPolicyChange == "cut" ? " and reset at once (mesh.onPolicyChange is cut)"
        : " and closed (mesh.onPolicyChange is drain)";

    private static string Age(double seconds) => seconds < 120
        ? string.Create(CultureInfo.InvariantCulture, $"{seconds:0.#} s")
        : TimeSpan.FromSeconds((long)seconds).ToString("g", CultureInfo.InvariantCulture);
}
