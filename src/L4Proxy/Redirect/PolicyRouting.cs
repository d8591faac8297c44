using System.Globalization;

namespace L4Proxy.Redirect;

/// <summary>
/// TPROXY mode's route: packets that carry the original-source mark are delivered to <c>lo</c>, so that the application's answers to a
/// leg with the downstream's address come back to the proxy.
/// </summary>
internal static class PolicyRouting
{
    private static readonly (string Family, string Everything)[] Families = [("-4", "0.0.0.0/0"), ("-6", "::/0")];

    /// <summary>The <c>ip</c> command lines of one family, for people.</summary>
    public static IEnumerable<string> Describe(bool ipv6) => Families.Take(ipv6 ? 2 : 1).SelectMany(family => new[]
    {
        $"ip {family.Family} rule add {string.Join(' ', Rule)}",
        $"ip {family.Family} route replace {string.Join(' ', Route(family.Everything))}",
    });

    /// <summary>Adds what is missing; the second run changes nothing. On failure what this run added is gone again.</summary>
    public static async Task<(bool Added, RuleFailure? Failure)> ApplyAsync(bool ipv6)
    {
        var added = false;
        foreach (var (family, everything) in Families.Take(ipv6 ? 2 : 1))
        {
            // The kernel takes the same rule twice, so look first; a route is replaced in place.
            var answer = await IpAsync([family, "rule", "show", .. Preference]);
            if (answer is { Succeeded: true } && answer.Output.Length == 0)
            {
                answer = await IpAsync([family, "rule", "add", .. Rule]);
                added |= answer.Succeeded;
            }

            answer = answer.Succeeded ? await IpAsync([family, "route", "replace", .. Route(everything)]) : answer;
            if (!answer.Succeeded)
            {
                _ = added ? await RemoveAsync() : default;
                return (false, answer.IsInstalled ? RuleFailure.Of(answer) : RuleFailure.NotInstalled("ip", "iproute2"));
            }
        }

        return (added, null);
    }

    /// <summary>Deletes exactly our rule and our route; true when there were any. Where <c>ip</c> is missing there cannot be.</summary>
    public static async Task<(bool Removed, RuleFailure? Failure)> RemoveAsync()
    {
        var removed = false;
        foreach (var (family, everything) in Families)
        {
            var shown = await IpAsync([family, "rule", "show", .. Preference]);
            if (!shown.Succeeded || shown.Output.Length == 0)
            {
                continue;
            }

            var answer = await IpAsync([family, "rule", "del", .. Rule]);
            if (!answer.Succeeded)
            {
                return (removed, RuleFailure.Of(answer));
            }

            removed = true;

            // Already gone when somebody flushed the table or lo went down; then there is nothing to say.
            await IpAsync([family, "route", "del", .. Route(everything)]);
        }

        return (removed, null);
    }

    private static Task<ProgramAnswer> IpAsync(string[] arguments) =>
        ExternalProgram.RunAsync("ip", arguments, "");

    private static string[] Preference => ["pref", Number(TrafficMarks.RoutingRulePreference)];

    private static string[] Rule =>
    [
        .. Preference,
        "fwmark", string.Create(CultureInfo.InvariantCulture, $"0x{TrafficMarks.OriginalSource:x}"),
        "lookup", Number(TrafficMarks.RoutingTable),
    ];

    private static string[] Route(string everything) => ["local", everything, "dev", "lo", "table", Number(TrafficMarks.RoutingTable)];

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
