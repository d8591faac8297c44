using System.Net.Sockets;
using L4Proxy.Redirect;
using L4Proxy.Tests.Redirect;

namespace L4Proxy.Tests.Netns;

/// <summary>The golden texts are not only what we meant to write but what the kernel takes, and capture can be proven under each.</summary>
public sealed class SampleOptionsTests
{
    public static TheoryData<string> Samples => [.. SampleOptions.All.Keys];

    [Theory]
    [MemberData(nameof(Samples))]
    public void Every_backend_takes_the_rules_of_every_sample(string sample)
    {
        using var topology = new PodTopology();
        var options = SampleOptions.Parse(sample);
        foreach (var kind in new[] { "nft", "legacy" })
        {
            Feed(IptablesRuleset.Render(options, AddressFamily.InterNetwork), $"iptables-{kind}-restore", "--noflush");
            Feed(IptablesRuleset.Render(options, AddressFamily.InterNetworkV6), $"ip6tables-{kind}-restore", "--noflush");
        }

        Feed(NftRuleset.Render(options, socketMatch: false), "nft", "-f", "-");
        topology.Pod.MustRedirect(["apply", "--backend", "nft", .. Arguments(SampleOptions.All[sample])]);
        Assert.Equal("nft", Assert.Single(KernelRules.Holders(topology.Pod)));
        topology.Pod.MustRedirect(["verify", .. Arguments(SampleOptions.All[sample])]);

        void Feed(string text, params string[] command)
        {
            var answer = topology.Pod.RunWithInput(text, command);
            Assert.True(answer.ExitCode == 0, $"{string.Join(' ', command)}: {answer.All}");
        }
    }

    private static IEnumerable<string> Arguments(RedirectArguments sample) =>
        from property in typeof(RedirectArguments).GetProperties()
        where property.GetValue(sample) is string
        from word in new[] { OptionName(property.Name), (string)property.GetValue(sample)! }
        select word;

    // ExcludeInboundPorts → --exclude-inbound-ports
    private static string OptionName(string property) =>
        "-" + string.Concat(property.Select(letter => char.IsUpper(letter) ? $"-{char.ToLowerInvariant(letter)}" : letter.ToString()));
}
