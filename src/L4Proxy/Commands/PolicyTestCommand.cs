using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using L4Proxy.Admin;
using L4Proxy.Core.Connections;
using L4Proxy.Explain;

namespace L4Proxy.Commands;

/// <summary><c>l4proxy policy test</c>: fixtures in, verdicts and deciding rules out.</summary>
internal static class PolicyTestCommand
{
    private const int Passed = 0, Failed = 1;

    private static readonly Argument<string[]> _files = new("FILE") { Arity = ArgumentArity.OneOrMore, Description = "Fixtures." };
    private static readonly Option<bool> _json = OperatorOptions.Json();

    public static Command Create()
    {
        var command = new Command("test", """
            Judges the connections of fixtures by their resources, with the code that 'run' uses and without a proxy; for CI.

            A fixture:
              resources: policies                 # a file or a directory, seen from this file
              workload: {namespace: demo, labels: {app: web}, trustDomain: cluster.local}
              mtls: STRICT                        # where no PeerAuthentication says otherwise; default PERMISSIVE
              outboundTrafficPolicy: ALLOW_ANY    # where no Sidecar says otherwise; the default
              rootNamespace: istio-system         # the default
              cases:
              - {name: shop may call, from: spiffe://cluster.local/ns/demo/sa/shop, source: 10.0.0.7, to: "10.0.0.9:80", expect: allow, rule: demo/allow-shop#0}
              - {name: nobody in clear, to: "10.0.0.9:80", expect: deny}
              - {name: web is known, call: "10.96.0.10:80", expect: web.demo.svc.cluster.local:80}

            Inbound cases (to) may say from (without it the caller is in clear), source, remote (whom a PROXY header names), sni, and
            which rule must decide ("" for none). Outbound cases (call) may say sni and expect a route as the access log has it.

            Example:
              l4proxy policy test policies/*.test.yaml

            Exit code: 0 all cases passed, 1 some failed or something is wrong with a file, 2 wrong usage.
            """) { _files, _json };
        command.SetAction((parsed, _) => RunAsync(parsed));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed)
    {
        var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        var isJson = parsed.GetValue(_json);
        List<string> errors = [];
        List<TestedCase> tested = [];
        foreach (var path in parsed.GetRequiredValue(_files))
        {
            var fixture = PolicyFixture.Read(path);
            var candidate = fixture.Errors.Count == 0 ? Candidate.OfPath(fixture.Resources, fixture.Options) : new Candidate(null, [.. fixture.Errors], []);
            errors.AddRange(candidate.Errors.Select(wrong => wrong.ToString()));
            await CandidateText.WriteAsync(error, candidate);
            if (candidate.Model is not { } model)
            {
                continue;
            }
            foreach (var each in fixture.Cases)
            {
                var explanation = Explainer.Answer(model, fixture.Options, each.Question, now: 0);
                var result = new TestedCase(path, each.Line, each.Name, each.Holds(explanation), Expected(each), ExplainReply.Of(each.Question, explanation, generation: null));
                tested.Add(result);
                if (!isJson)
                {
                    await WriteAsync(result, output);
                }
            }
        }
        var passed = tested.Count(each => each.Passed);
        await output.WriteLineAsync(isJson
            ? JsonSerializer.Serialize(new TestReport(passed, tested.Count - passed, errors, tested), CommandJson.Readable.TestReport)
            : string.Create(CultureInfo.InvariantCulture, $"{passed} passed, {tested.Count - passed} failed"));
        return errors.Count == 0 && passed == tested.Count ? Passed : Failed;
    }

    private static string Expected(FixtureCase each) => each.Question.Direction == Direction.Outbound ? $"route {each.Expect}"
        : each.Rule is null ? each.Expect
        : each.Rule.Length == 0 ? $"{each.Expect} by no rule"
        : $"{each.Expect} by rule {each.Rule}";

    private static async Task WriteAsync(TestedCase each, TextWriter output)
    {
        if (each.Passed)
        {
            await output.WriteLineAsync($"ok      {each.Name}: {ExplainText.Outcome(each.Got)}");
            return;
        }
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"FAILED  {each.Name} ({each.File}:{each.Line}): expected {each.Expected}, is {ExplainText.Outcome(each.Got)}"));
        foreach (var line in ExplainText.Lines(each.Got))
        {
            await output.WriteLineAsync($"        {line}");
        }
    }
}
