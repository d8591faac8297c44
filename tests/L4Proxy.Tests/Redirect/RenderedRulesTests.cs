using System.Net.Sockets;
using L4Proxy.Redirect;

namespace L4Proxy.Tests.Redirect;

public sealed class RenderedRulesTests
{
    public static TheoryData<string> Samples => [.. SampleOptions.All.Keys];

    [Theory]
    [MemberData(nameof(Samples))]
    public void The_text_for_nft_is_the_golden_one(string sample) =>
        GoldenFile.AssertSame($"{sample}.nft", NftRuleset.Render(SampleOptions.Parse(sample)));

    [Theory]
    [MemberData(nameof(Samples))]
    public void The_text_for_iptables_is_the_golden_one(string sample) =>
        GoldenFile.AssertSame($"{sample}.v4", IptablesRuleset.Render(SampleOptions.Parse(sample), AddressFamily.InterNetwork));

    [Theory]
    [MemberData(nameof(Samples))]
    public void The_text_for_ip6tables_is_the_golden_one(string sample) =>
        GoldenFile.AssertSame($"{sample}.v6", IptablesRuleset.Render(SampleOptions.Parse(sample), AddressFamily.InterNetworkV6));

    [Fact]
    public void Without_the_socket_match_only_the_inbound_rule_changes()
    {
        var options = SampleOptions.Parse("default");
        var with = NftRuleset.Render(options).Split('\n');
        var without = NftRuleset.Render(options, socketMatch: false).Split('\n');
        var (full, relaxed) = Assert.Single(with.Zip(without), pair => !string.Equals(pair.First, pair.Second, StringComparison.Ordinal));
        Assert.Contains("socket wildcard { 0, 1 } counter redirect to :15006 # R8", full, StringComparison.Ordinal);
        Assert.Equal(full.Replace("socket wildcard { 0, 1 } ", "", StringComparison.Ordinal), relaxed);
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void No_multiport_match_takes_more_than_15_slots(string sample)
    {
        var lists = IptablesRuleset.Tables(SampleOptions.Parse(sample), AddressFamily.InterNetwork)
            .SelectMany(table => table.Chains)
            .SelectMany(chain => chain.Rules)
            .Where(rule => rule.Contains("--dports ", StringComparison.Ordinal))
            .Select(rule => rule.Split("--dports ")[1].Split(' ')[0]);
        Assert.All(lists, list => Assert.InRange(list.Split(',').Sum(port => port.Contains(':', StringComparison.Ordinal) ? 2 : 1), 1, 15));
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void Nat_is_committed_last(string sample) =>
        Assert.Equal("nat", IptablesRuleset.Tables(SampleOptions.Parse(sample), AddressFamily.InterNetworkV6)[^1].Name);

    [Fact]
    public void Every_golden_file_belongs_to_a_sample() =>
        Assert.Equal(SampleOptions.All.Count * 3, GoldenFile.Names().Count());
}
