using System.CommandLine;
using L4Proxy.Redirect;

namespace L4Proxy.Commands;

/// <summary><c>l4proxy redirect</c>: the rules that bring a pod's connections to the proxy.</summary>
internal static class RedirectCommand
{
    private const int Failed = 1, WrongUsage = 2;

    public static Command Create() => new(
        "redirect",
        "Interception rules of this network namespace (nftables, or iptables where that does not work).\n"
        + "Example: l4proxy redirect apply --exclude-inbound-ports 9090")
    {
        WithOptions(
            "apply",
            "Puts the rules in place, or replaces ours, in one step; the second time changes nothing. Needs CAP_NET_ADMIN.\n"
            + "Example: l4proxy redirect apply --proxy-uid 1337 --exclude-outbound-ports 80,8000-8100",
            (options, _, _) => RedirectRules.ApplyAsync(options)),
        Remove(),
        WithOptions(
            "show",
            "Prints the exact rules and touches nothing; needs no permission. With --backend auto those of nft.\n"
            + "Example: l4proxy redirect show --backend iptables-nft",
            (options, output, _) => ShowAsync(options, output)),
        WithOptions(
            "verify",
            "Proves that connections are captured: connects as the proxy's uid to 127.6.7.8:15002 and checks that it arrives on the inbound port. "
            + "Run it as root (it gives the rights up) or as the proxy's uid, with the options of apply.\nExample: l4proxy redirect verify --proxy-uid 1337",
            (options, _, cancellationToken) => CaptureVerification.RunAsync(options, cancellationToken)),
    };

    private static Command Remove()
    {
        var remove = new Command(
            "remove",
            "Takes our rules out of every backend and leaves everybody else's; succeeds where there are none. Needs CAP_NET_ADMIN.\n"
            + "Example: l4proxy redirect remove");
        remove.SetAction(async result => await TellAsync(result, await RedirectRules.RemoveAsync()));
        return remove;
    }

    private static Command WithOptions(string name, string description, Func<RedirectOptions, TextWriter, CancellationToken, Task<RedirectOutcome>> run)
    {
        var options = new RedirectCommandOptions();
        var command = new Command(name, description);
        options.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            var configuration = result.InvocationConfiguration;
            if (RedirectOptionsParser.Parse(options.Read(result), out var errors) is { } parsed)
            {
                return await TellAsync(result, await run(parsed, configuration.Output, cancellationToken));
            }

            foreach (var error in errors)
            {
                await configuration.Error.WriteLineAsync(error);
            }

            return WrongUsage;
        });
        return command;
    }

    private static async Task<RedirectOutcome> ShowAsync(RedirectOptions options, TextWriter output)
    {
        await output.WriteAsync(RuleListing.Text(options));
        return new RedirectOutcome(true, []);
    }

    private static async Task<int> TellAsync(ParseResult result, RedirectOutcome outcome)
    {
        var configuration = result.InvocationConfiguration;
        foreach (var line in outcome.Lines)
        {
            await (outcome.Succeeded ? configuration.Output : configuration.Error).WriteLineAsync(line);
        }

        return outcome.Succeeded ? 0 : Failed;
    }
}
