using System.Net.Sockets;
using L4Proxy.Names;
using L4Proxy.Tests.Configuration;

namespace L4Proxy.Tests.Names;

public sealed class StubResolverTests
{
    private const string Name = "db.example.com";

    [Fact]
    public async Task Addresses_of_both_families_come_with_the_shortest_time_to_live_on_the_way_to_them()
    {
        await using var server = new DnsServer(question => question.Answer(
            // Not in the order of the chain, and with records that are none of ours.
            DnsTestRecord.Address("end.example.net", "192.0.2.1", 300),
            new DnsTestRecord(Name, DnsQuestion.Text, 1, [3, 1, 2, 3]),
            DnsTestRecord.Alias("middle.example.org", "END.example.net", 40),
            DnsTestRecord.Alias(Name, "middle.example.org", 90),
            DnsTestRecord.Address("other.example.net", "192.0.2.99", 2),
            DnsTestRecord.Address("end.example.net", "192.0.2.2", 300),
            DnsTestRecord.Address("end.example.net", "2001:db8::1", 50)));

        var answer = await Resolvers.AskAsync(Resolvers.Asking(server), "DB.example.COM.");

        Assert.Equal((DnsResult.Resolved, "192.0.2.1 192.0.2.2 2001:db8::1", 40), Resolvers.Facts(answer));
        Assert.Equal([DnsQuestion.A, DnsQuestion.Aaaa], server.Questions.Select(question => question.Type).Order());
    }

    [Fact]
    public async Task An_answer_that_does_not_fit_is_asked_for_again_over_TCP()
    {
        var many = Enumerable.Range(1, 200).Select(i => DnsTestRecord.Address(Name, $"192.0.2.{i}")).ToArray();
        await using var server = new DnsServer(question => question.OverTcp ? question.Answer(many) : question.Truncate());

        var answer = await Resolvers.Of(Resolvers.Asking(server), onlyV4: true).ResolveAsync(Name, CancellationToken.None);

        Assert.Equal(200, answer.Addresses.Length);
        Assert.Equal([false, true], server.Questions.Select(question => question.OverTcp));
    }

    [Theory]
    [InlineData(0, "nodata")]
    [InlineData(2, "servfail")]
    [InlineData(3, "nxdomain")]
    [InlineData(5, "servfail")]
    [InlineData(9, "servfail")]
    public async Task A_failure_has_its_own_result_and_says_who_said_so(int code, string result)
    {
        await using var server = new DnsServer(question => question.Fail(code));

        var answer = await Resolvers.AskAsync(Resolvers.Asking(server), Name);

        Assert.Equal((result, "", 0), (answer.Result.Label(), string.Join(' ', answer.Addresses), answer.TimeToLive.Seconds));
        Assert.Contains(server.EndPoint.ToString(), answer.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_fails_is_passed_over_for_the_next_and_asked_again_in_the_next_round()
    {
        await using var failing = new DnsServer(question => question.Fail(2));
        await using var good = new DnsServer(question => question.Answer(DnsTestRecord.Address(Name, "192.0.2.1")));
        await using var alsoFailing = new DnsServer(question => question.Fail(5));

        var answer = await Resolvers.AskAsync(Resolvers.Asking(failing, good), Name);
        var failed = await Resolvers.Of(Resolvers.Asking(failing, alsoFailing) with { Attempts = 2 }, onlyV4: true).ResolveAsync(Name, CancellationToken.None);

        Assert.Equal(DnsResult.Resolved, answer.Result);
        Assert.Equal(DnsResult.ServFail, failed.Result);
        Assert.Equal(2, alsoFailing.Questions.Count);
    }

    [Fact]
    public async Task A_server_that_is_not_there_fails_at_once_and_the_next_is_asked()
    {
        var gone = new DnsServer(question => question.Fail(0));
        var address = gone.EndPoint;
        await gone.DisposeAsync();
        await using var good = new DnsServer(question => question.Answer(DnsTestRecord.Address(Name, "192.0.2.1")));

        var answer = await Resolvers.AskAsync(Resolvers.Asking(good) with { Servers = [address, good.EndPoint] }, Name);

        Assert.Equal("192.0.2.1", string.Join(' ', answer.Addresses));
    }

    [Fact]
    public async Task A_silent_server_is_given_its_time_and_no_more()
    {
        await using var silent = new DnsServer(_ => Task.FromResult<byte[][]>([]));
        var time = new ManualTime();
        var waiting = time.WhenATimerIsSet();
        var resolver = Resolvers.Of(Resolvers.Asking(silent) with { Timeout = TimeSpan.FromSeconds(5) }, time, onlyV4: true);

        var asking = resolver.ResolveAsync(Name, CancellationToken.None);
        await waiting;
        time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(asking.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.1));

        Assert.Equal(DnsResult.Timeout, (await asking).Result);
    }

    [Fact]
    public async Task Where_one_family_fails_the_other_is_used_and_the_failure_said()
    {
        await using var server = new DnsServer(question =>
            question.Type == DnsQuestion.Aaaa ? question.Fail(2) : question.Answer(DnsTestRecord.Address(Name, "192.0.2.1")));

        var answer = await Resolvers.AskAsync(Resolvers.Asking(server), Name);

        Assert.Equal((DnsResult.Resolved, "192.0.2.1", 60), Resolvers.Facts(answer));
        Assert.Equal(AddressFamily.InterNetworkV6, answer.Missing);
    }

    [Fact]
    public async Task A_server_that_does_not_know_EDNS_is_asked_without_it()
    {
        await using var old = new DnsServer(question =>
            question.IsExtended ? question.Fail(1) : question.Answer(DnsTestRecord.Address(Name, "192.0.2.1")));

        Assert.Equal(DnsResult.Resolved, (await Resolvers.AskAsync(Resolvers.Asking(old), Name)).Result);
    }

    [Fact]
    public async Task The_hosts_file_comes_first_and_is_followed()
    {
        using var directory = new TemporaryDirectory();
        var hosts = directory.File("hosts");
        await File.WriteAllTextAsync(hosts, $"# comment\n192.0.2.7\tlocalish {Name} # more\n2001:db8::7 {Name}\nnonsense {Name}\n");
        await using var server = new DnsServer(question => question.Answer(DnsTestRecord.Address(Name, "192.0.2.1")));
        var resolver = Resolvers.Of(Resolvers.Asking(server), hosts: hosts);

        Assert.Equal("192.0.2.7 2001:db8::7", string.Join(' ', (await resolver.ResolveAsync(Name, CancellationToken.None)).Addresses));
        Assert.Empty(server.Questions);
        await File.WriteAllTextAsync(hosts, "192.0.2.7 other\n");

        Assert.Equal("192.0.2.1", string.Join(' ', (await resolver.ResolveAsync(Name, CancellationToken.None)).Addresses));
    }

    [Theory]
    [InlineData("web", "web.demo.svc.cluster.local")]
    [InlineData("web.shop", "web.shop.demo.svc.cluster.local web.shop.svc.cluster.local")]
    [InlineData("web.shop.svc.cluster.local", "web.shop.svc.cluster.local")]
    [InlineData("nowhere", "nowhere.demo.svc.cluster.local nowhere.svc.cluster.local nowhere")]
    [InlineData("nowhere.", "nowhere")]
    public async Task Names_with_few_dots_are_completed_as_resolv_conf_says_and_no_others(string name, string asked)
    {
        string[] known = ["web.demo.svc.cluster.local", "web.shop.svc.cluster.local"];
        await using var server = new DnsServer(question => known.Contains(question.Name, StringComparer.Ordinal)
            ? question.Answer(DnsTestRecord.Address(question.Name, "192.0.2.1")) : question.Fail(3));
        var configuration = ResolverConfiguration.Parse("search demo.svc.cluster.local svc.cluster.local\noptions ndots:2") with { Servers = [server.EndPoint] };

        var answer = await Resolvers.Of(configuration, onlyV4: true).ResolveAsync(name, CancellationToken.None);

        Assert.Equal(asked, string.Join(' ', server.Questions.Select(question => question.Name)));
        Assert.Equal(asked.StartsWith("nowhere", StringComparison.Ordinal) ? DnsResult.NxDomain : DnsResult.Resolved, answer.Result);
    }

    [Fact]
    public async Task A_name_that_is_none_is_asked_of_nobody()
    {
        await using var server = new DnsServer(question => question.Fail(3));

        foreach (var name in (string[])["", "..", "a..b", new string('a', 64), string.Join('.', Enumerable.Repeat("abcdefgh", 30)), "schön.example"])
        {
            Assert.Equal(DnsResult.NxDomain, (await Resolvers.AskAsync(Resolvers.Asking(server), name)).Result);
        }
        Assert.Empty(server.Questions);
    }

    [Fact]
    public void What_resolv_conf_says_is_kept_within_the_bounds_of_the_C_library()
    {
        var configuration = ResolverConfiguration.Parse("""
            ; comment
            # comment
            nameserver 192.0.2.1
            nameserver not-an-address
            nameserver 2001:db8::53
            domain example.org
            search a.example b.example
            options ndots:99 timeout:0 attempts:1000 use-vc rotate timeout:x
            nameserver 192.0.2.3
            nameserver 192.0.2.4

            """);

        Assert.Equal("192.0.2.1:53 [2001:db8::53]:53 192.0.2.3:53", string.Join(' ', configuration.Servers));
        Assert.Equal("a.example b.example", string.Join(' ', configuration.Search));
        Assert.Equal((15, 1, 5, true), (configuration.Dots, (int)configuration.Timeout.TotalSeconds, configuration.Attempts, configuration.OnlyTcp));
        Assert.Equal("127.0.0.1:53", string.Join(' ', ResolverConfiguration.Parse("").Servers));
    }
}
