using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using L4Proxy.Admin;
using L4Proxy.Core.Connections;
using L4Proxy.Explain;

namespace L4Proxy.Commands;

/// <summary><c>l4proxy policy replay</c>: which connections of an access log a set of resources would have denied.</summary>
internal static class PolicyReplayCommand
{
    private const int NobodyDenied = 0, Failed = 1, WrongUsage = 2;

    private static readonly Option<string> _resources = new("--resources") { HelpName = "DIR", Required = true, Description = "A directory or a file." };
    private static readonly Option<string> _log = new("--log") { HelpName = "FILE", Required = true, Description = "The proxy's access log; - for standard input." };
    private static readonly Option<bool> _json = OperatorOptions.Json();

    public static Command Create()
    {
        var whose = new WorkloadArguments();
        var command = new Command("replay", """
            Judges the inbound connections of an access log by these resources and says who was let in and would be denied now, by peer and
            port. The log is read once, in constant memory.

            The log tells who connected, and after a PROXY header whom that named: rules on source.ip (ipBlocks) and on remote.ip are both
            judged by that address.

            Example:
              l4proxy policy replay --resources new-resources/ --log /var/log/l4proxy/access.log --config /etc/l4proxy/l4proxy.yaml

            Exit code: 0 whoever was let in still would be; 1 somebody would be denied, or something is wrong; 2 wrong usage.
            """) { _resources, _log, _json };
        whose.AddTo(command);
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed, whose, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, WorkloadArguments whose, CancellationToken cancellationToken)
    {
        var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        var options = whose.Read(parsed, out var wrong, out var fileErrors);
        foreach (var each in wrong)
        {
            await error.WriteLineAsync(each);
        }
        await CandidateText.WriteAsync(error, fileErrors);
        if (options is null)
        {
            return wrong.IsEmpty ? Failed : WrongUsage;
        }
        var candidate = Candidate.OfPath(parsed.GetRequiredValue(_resources), options);
        await CandidateText.WriteAsync(error, candidate);
        if (candidate.Model is not { } model)
        {
            return Failed;
        }
        var replay = new PolicyReplay(model, options);
        try
        {
            var path = parsed.GetRequiredValue(_log);
            await using var log = path == "-" ? Console.OpenStandardInput() : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, useAsync: false);
            await LogLines.ReadAsync(log, replay.Take, cancellationToken);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync($"l4proxy policy replay: {unreadable.Message}");
            return Failed;
        }
        await WriteAsync(replay, parsed.GetValue(_json), output);
        return replay.Denied == 0 ? NobodyDenied : Failed;
    }

    private static async Task WriteAsync(PolicyReplay replay, bool isJson, TextWriter output)
    {
        if (isJson)
        {
            await output.WriteLineAsync(JsonSerializer.Serialize(Report(replay), CommandJson.Readable.ReplayReport));
            return;
        }
        foreach (var group in replay.Groups)
        {
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"{group.Who} -> port {group.Port}: {group.Count} connection(s){Between(group)}: {group.Reason.Label()}{Rule(group)}{ExplainText.Place(OriginReply.Of(group.By))}"));
        }
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"{replay.Lines} line(s): {replay.LetIn} let in, of which {replay.Denied} would be denied; {replay.DeniedThen} denied, of which {replay.NewlyAllowed} would be let in; "
            + $"not judged: {replay.NotInbound} not inbound, {replay.NotJudged} ended before policy was asked, {replay.Unreadable} unreadable"));
    }

    private static string Between(DeniedGroup group) => group is { First: { } first, Last: { } last }
        ? first == last ? $" at {Time(first)}" : $" from {Time(first)} to {Time(last)}"
        : "";

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Rule(DeniedGroup group) => group.Rule is not null ? $" by rule {group.Rule}"
        : group.Reason == CloseReason.PolicyDenied ? ", no ALLOW rule matches"
        : ", mTLS is STRICT";

    private static ReplayReport Report(PolicyReplay replay) => new(
        replay.Lines, replay.LetIn, replay.Denied, replay.DeniedThen, replay.NewlyAllowed, replay.NotJudged, replay.NotInbound, replay.Unreadable,
        [.. replay.Groups.Select(group => new ReplayedGroup(
            group.Who, group.Port, group.Count, group.First, group.Last, group.Reason.Label(), group.Rule, OriginReply.Of(group.By)))]);
}
