using System.CommandLine;
using System.CommandLine.Parsing;
using L4Proxy.Load.Contenders;
using L4Proxy.Load.Reporting;
using L4Proxy.Load.Running;
using L4Proxy.Load.Wire;
using L4Proxy.Load.Workloads;

namespace L4Proxy.Load;

/// <summary>The options; exit codes: 0 measured, 1 failed, 2 wrong usage.</summary>
internal static class CommandLine
{
    private static readonly IReadOnlyList<string> s_knownContenders = [.. ContenderCatalog.Names.Union(ContenderCatalog.Pairs, StringComparer.Ordinal)];

    private static readonly Option<string[]> s_contenders = new("--contenders")
    {
        Description = $"Comma-separated; the first is compared with the others. Default: {string.Join(", ", ContenderCatalog.Names)}; with --mtls: {string.Join(", ", ContenderCatalog.Pairs)}.",
        CustomParser = result => Split(result.Tokens[0].Value),
    };

    private static readonly Option<string[]> s_workloads = new("--workloads")
    {
        Description = $"Comma-separated. Known: {string.Join(", ", WorkloadCatalog.All.Select(workload => workload.Name))}. Default: those with goals.",
        CustomParser = result => Split(result.Tokens[0].Value),
    };

    private static readonly Option<bool> s_mutualTls = new("--mtls") { Description = "Pairs of proxies with mutual TLS 1.3 between them, CPU of both together; full handshakes, both ends verified." };
    private static readonly Option<bool> s_noise = new("--aa") { Description = "Compare the first contender with a second instance of itself: shows the noise of this machine." };
    private static readonly Option<bool> s_quick = new("--quick") { Description = "One block per peer and a third of the work: a look, not a measurement." };
    private static readonly Option<int> s_blocks = new("--blocks") { Description = "Paired blocks (A B B A) per workload and peer.", DefaultValueFactory = _ => 5 };
    private static readonly Option<double> s_scale = new("--scale") { Description = "Multiplies the work of every run.", DefaultValueFactory = _ => 1 };
    private static readonly Option<double> s_warmUp = new("--warm-up") { Description = "Seconds of load on each contender before anything counts.", DefaultValueFactory = _ => 6 };
    private static readonly Option<string> s_l4proxy = new("--l4proxy") { Description = "Path of the l4proxy binary.", DefaultValueFactory = _ => "artifacts/l4proxy/l4proxy" };
    private static readonly Option<bool> s_veth = new("--veth") { Description = "Three network namespaces joined by veth pairs at MTU 1500 instead of loopback; needs root." };
    private static readonly Option<int> s_loadCore = new("--load-core") { Description = "Core of generator and server.", DefaultValueFactory = _ => 0 };
    private static readonly Option<int> s_contenderCore = new("--contender-core") { Description = "Core of the contenders.", DefaultValueFactory = _ => 1 };
    private static readonly Option<string?> s_report = new("--report") { Description = "Directory for index.html (charts) and results.json." };
    private static readonly Option<string?> s_markdown = new("--markdown") { Description = "File for the table in Markdown." };

    internal static RootCommand Create()
    {
        var root = new RootCommand(
            """
            Compares the CPU that TCP proxies need for the same work: CPU seconds per GB, microseconds per round trip and per connection, memory per idle connection.

            Each proxy runs alone on one core, generator and server on another; runs are paired A B B A; every byte is checked before anything is timed.
            With --mtls: generator → originating proxy → mutual TLS → terminating proxy → server, both proxies on the one core.
            Example: l4proxy-load --contenders l4proxy,haproxy-splice,nginx,direct --workloads bulk-1,rr-128 --report out
            """)
        {
            s_contenders, s_workloads, s_mutualTls, s_noise, s_quick, s_blocks, s_scale, s_warmUp, s_l4proxy, s_veth, s_loadCore, s_contenderCore, s_report, s_markdown,
        };
        s_blocks.Validators.Add(result => Require(result.GetValueOrDefault<int>() is >= 1 and <= 1000, result, "--blocks: 1 to 1000"));
        s_scale.Validators.Add(result => Require(result.GetValueOrDefault<double>() is >= 0.01 and <= 100, result, "--scale: 0.01 to 100"));
        s_warmUp.Validators.Add(result => Require(result.GetValueOrDefault<double>() is >= 0 and <= 600, result, "--warm-up: 0 to 600 seconds"));
        s_contenders.Validators.Add(result => RequireKnown(result, s_knownContenders));
        s_workloads.Validators.Add(result => RequireKnown(result, [.. WorkloadCatalog.All.Select(workload => workload.Name)]));
        root.Validators.Add(result => Require(Select(result, out var error) is not null, result, error));
        root.SetAction(Run);
        return root;
    }

    private static int Run(ParseResult options)
    {
        try
        {
            var results = Measure(CreatePlan(options));
            Console.Write(TerminalReport.Write(results));
            Save(results, options.GetValue(s_report), options.GetValue(s_markdown));
            return 0;
        }
        catch (LoadException failure)
        {
            Console.Error.WriteLine($"error: {failure.Message}");
            return 1;
        }
    }

    private static Results Measure(Plan plan)
    {
        using var experiment = new Experiment(plan, line => Console.Error.WriteLine(line));
        using var ending = new EarlyEnd(experiment);
        return experiment.Run();
    }

    private static Plan CreatePlan(ParseResult options)
    {
        var (contenders, workloads) = Select(options.RootCommandResult, out _)!;
        var quick = options.GetValue(s_quick);
        var plan = new Plan(
            options.GetValue(s_noise) ? [contenders[0], contenders[0]] : contenders,
            WorkloadCatalog.Choose(workloads),
            quick ? 1 : options.GetValue(s_blocks),
            options.GetValue(s_scale) * (quick ? 1 / 3.0 : 1),
            TimeSpan.FromSeconds(options.GetValue(s_warmUp)),
            options.GetValue(s_l4proxy)!,
            options.GetValue(s_veth),
            options.GetValue(s_loadCore),
            options.GetValue(s_contenderCore));
        return plan.LoadCore == plan.ContenderCore
            ? throw new LoadException("--load-core and --contender-core are the same: the contender needs a core of its own")
            : plan;
    }

    private static void Save(Results results, string? report, string? markdown)
    {
        if (report is not null)
        {
            Directory.CreateDirectory(report);
            File.WriteAllText(Path.Combine(report, "index.html"), HtmlReport.Write(results));
            File.WriteAllText(Path.Combine(report, "results.json"), JsonReport.Write(results));
            Console.WriteLine($"\nReport: {Path.Combine(report, "index.html")} and results.json beside it");
        }
        if (markdown is not null)
        {
            File.WriteAllText(markdown, MarkdownReport.Write(results));
        }
    }

    // The library has an empty array for an option that was not given.
    private static Selection? Select(SymbolResult options, out string? error) =>
        Selection.Create(options.GetValue(s_contenders) ?? [], options.GetValue(s_workloads) ?? [], options.GetValue(s_mutualTls), out error);

    private static string[] Split(string names) => names.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static void RequireKnown(OptionResult result, IReadOnlyList<string> known)
    {
        var names = result.Tokens.SelectMany(token => Split(token.Value)).ToArray();
        Require(result.Tokens.Count == 0 || names.Length > 0, result, $"{result.Option.Name}: name at least one of {string.Join(", ", known)}");
        foreach (var name in names.Except(known, StringComparer.Ordinal))
        {
            result.AddError($"{result.Option.Name}: unknown '{name}'; known are {string.Join(", ", known)}");
        }
    }

    private static void Require(bool condition, SymbolResult result, string? rule)
    {
        if (!condition)
        {
            result.AddError(rule!);
        }
    }
}
