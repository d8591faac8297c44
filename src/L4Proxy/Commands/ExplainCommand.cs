using System.CommandLine;
using System.Text.Json;
using L4Proxy.Admin;
using L4Proxy.Configuration;
using L4Proxy.Core.Connections;
using L4Proxy.Explain;

namespace L4Proxy.Commands;

/// <summary><c>l4proxy explain</c>: what would become of a connection, step by step, and which line of which file decides.</summary>
internal static class ExplainCommand
{
    private const int Answered = 0, Failed = 1, WrongUsage = 2;

    private static readonly Option<string> _to = new("--to") { HelpName = "IP:PORT", Required = true, Description = "Where the connection goes." };
    private static readonly Option<string[]> _from = new("--from")
    {
        HelpName = "ID|IP",
        Description = "Who calls: a SPIFFE ID, an address, or both by writing it twice. Without an ID the caller is in clear.",
    };

    private static readonly Option<string> _sni = new("--sni") { HelpName = "NAME", Description = "The server name of its ClientHello." };
    private static readonly Option<bool> _inbound = new("--inbound") { Description = "A connection to this workload; without it, one that this workload makes." };
    private static readonly Option<string> _config = new("--config")
    {
        HelpName = "FILE",
        Description = "Asks this configuration and the resources it names, with the code that 'run' uses, instead of the running proxy.",
    };

    private static readonly Option<int> _adminPort = OperatorOptions.AdminPort();
    private static readonly Option<bool> _json = OperatorOptions.Json();

    public static Command Create()
    {
        var command = new Command("explain", """
            Says what would become of a connection and why: every question the proxy would ask, its answer, and the file and line that
            answers. Rules and routes have the ids they have in the access log. Without --config the running proxy is asked.

            Examples:
              l4proxy explain --to 10.96.0.10:80
              l4proxy explain --inbound --to 10.0.0.9:8080 --from spiffe://cluster.local/ns/demo/sa/shop --from 10.0.0.7
              l4proxy explain --to 93.184.215.14:443 --sni example.com --config /etc/l4proxy/l4proxy.yaml

            Exit code: 0 answered, whatever the verdict; 1 no answer; 2 wrong usage.
            """) { _to, _from, _sni, _inbound, _adminPort, _config, _json };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        ExplainQuestion question;
        try
        {
            question = QuestionText.Question(
                parsed.GetValue(_inbound) ? Direction.Inbound : Direction.Outbound, parsed.GetRequiredValue(_to), parsed.GetValue(_from) ?? [],
                parsed.GetValue(_sni));
        }
        catch (FormatException wrong)
        {
            await error.WriteLineAsync($"l4proxy explain: {wrong.Message}");
            return WrongUsage;
        }
        try
        {
            var reply = parsed.GetValue(_config) is { } config
                ? await OfflineAsync(config, question, error)
                : await AskAsync(parsed.GetValue(_adminPort), question, cancellationToken);
            if (reply is null)
            {
                return Failed;
            }
            await output.WriteLineAsync(parsed.GetValue(_json)
                ? JsonSerializer.Serialize(reply, CommandJson.Readable.ExplainReply)
                : string.Join('\n', ExplainText.Lines(reply)));
            return Answered;
        }
        catch (AdminException silent)
        {
            await error.WriteLineAsync($"l4proxy explain: {silent.Message}");
            return Failed;
        }
    }

    private static async Task<ExplainReply> AskAsync(int port, ExplainQuestion question, CancellationToken cancellationToken)
    {
        using var client = new AdminClient(port);
        string[] parts =
        [
            $"direction={(question.Direction == Direction.Inbound ? "inbound" : "outbound")}", $"to={Uri.EscapeDataString(question.To.ToString())}",
            .. question.Peer is { } peer ? [$"from={Uri.EscapeDataString(peer.ToString())}"] : Array.Empty<string>(),
            .. question.Source is { } source ? [$"from={Uri.EscapeDataString(source.ToString())}"] : Array.Empty<string>(),
            .. question.ServerName is { } name ? [$"sni={Uri.EscapeDataString(name)}"] : Array.Empty<string>(),
        ];
        return await client.GetAsync($"/explain?{string.Join('&', parts)}", AdminJson.Default.ExplainReply, cancellationToken);
    }

    private static async Task<ExplainReply?> OfflineAsync(string path, ExplainQuestion question, TextWriter error)
    {
        var loaded = ConfigurationLoader.Load(path, Environment.GetEnvironmentVariable);
        if (loaded.Options is not { } options)
        {
            await CandidateText.WriteAsync(error, loaded.Errors);
            return null;
        }
        var candidate = Candidate.Of(options);
        await CandidateText.WriteAsync(error, candidate);
        return candidate.Model is { } model
            ? ExplainReply.Of(question, Explainer.Answer(model, options, question, now: 0), generation: null)
            : null;
    }
}
