using System.Buffers;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Text;
using L4Proxy.Names;
using L4Proxy.Telemetry;
using L4Proxy.Tests.Configuration;
using L4Proxy.Tests.Running;

namespace L4Proxy.Tests.Names;

public sealed class DnsEndpointsTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly Instruments _instruments = new();
    private readonly RecordingLogger<DnsEndpoints> _log = new();
    private readonly ConcurrentQueue<string> _told = new();

    public void Dispose() => _instruments.Dispose();

    [Theory]
    [InlineData(60u, 53.9, 60)]
    [InlineData(0u, 4.4, 5)]
    [InlineData(86_400u, 269.9, 300)]
    public async Task A_name_is_asked_for_when_it_is_needed_and_again_when_its_time_is_over(uint seconds, double notYet, double due)
    {
        await using var server = new DnsServer(question => question.Answer(DnsTestRecord.Address(question.Name, "192.0.2.1", seconds)));
        using var endpoints = Following(server, "db.example.com");
        await LookupsAsync(endpoints, DnsResult.Resolved, 1);

        _time.Advance(TimeSpan.FromSeconds(notYet));
        Assert.Single(server.Questions);
        _time.Advance(TimeSpan.FromSeconds(due - notYet));
        await LookupsAsync(endpoints, DnsResult.Resolved, 2);

        Assert.Equal(2, server.Questions.Count);
        // The same addresses are no news.
        Assert.Equal("db.example.com 192.0.2.1", Joined(_told));
    }

    [Fact]
    public async Task What_an_answer_adds_or_drops_is_told_and_another_order_is_not()
    {
        var answers = new ConcurrentQueue<string[]>([["192.0.2.1", "192.0.2.2"], ["192.0.2.2", "192.0.2.1"], ["192.0.2.2", "192.0.2.3"]]);
        await using var server = new DnsServer(question =>
            question.Answer([.. answers.TryDequeue(out var next) ? next.Select(address => DnsTestRecord.Address(question.Name, address)) : []]));
        using var endpoints = Following(server, "db.example.com");

        for (var lookups = 1; lookups <= 3; lookups++)
        {
            await LookupsAsync(endpoints, DnsResult.Resolved, lookups);
            _time.Advance(TimeSpan.FromSeconds(60));
        }

        Assert.Equal("db.example.com 192.0.2.1 192.0.2.2, db.example.com 192.0.2.2 192.0.2.3", Joined(_told));
    }

    [Fact]
    public async Task A_name_that_fails_keeps_its_addresses_is_asked_again_ever_later_and_is_talked_about_twice()
    {
        var broken = false;
        await using var server = new DnsServer(question =>
            Volatile.Read(ref broken) ? question.Fail(2) : question.Answer(DnsTestRecord.Address(question.Name, "192.0.2.1")));
        using var endpoints = Following(server, "db.example.com");
        await LookupsAsync(endpoints, DnsResult.Resolved, 1);
        Volatile.Write(ref broken, true);
        _time.Advance(TimeSpan.FromSeconds(60));

        // What was waited before each: with up to a tenth less by chance.
        int[] waits = [1, 2, 4, 8, 16, 30, 30];
        for (var failures = 1; failures <= waits.Length; failures++)
        {
            await LookupsAsync(endpoints, DnsResult.ServFail, failures);
            Assert.Equal((0, 1, 0), States(endpoints));
            _time.Advance(TimeSpan.FromSeconds(0.89 * waits[failures - 1]));
            Assert.Equal(failures, endpoints.Lookups(DnsResult.ServFail));
            _time.Advance(TimeSpan.FromSeconds(0.11 * waits[failures - 1]));
        }
        await LookupsAsync(endpoints, DnsResult.ServFail, waits.Length + 1);
        Volatile.Write(ref broken, false);
        _time.Advance(TimeSpan.FromSeconds(30));
        await LookupsAsync(endpoints, DnsResult.Resolved, 2);

        Assert.Equal((1, 0, 0), States(endpoints));
        Assert.Equal("db.example.com 192.0.2.1", Joined(_told));
        Assert.Equal(2, _log.Lines.Count);
        Assert.StartsWith("Warning the name db.example.com cannot be resolved (servfail): ", _log.Lines[0], StringComparison.Ordinal);
        Assert.Contains("its last 1 address(es) stay in use", _log.Lines[0], StringComparison.Ordinal);
        Assert.Equal("Information the name db.example.com is resolved again after 8 failed look-up(s)", _log.Lines[1]);
    }

    [Theory]
    [InlineData(0, DnsResult.NoData)]
    [InlineData(3, DnsResult.NxDomain)]
    public async Task A_name_that_vanishes_keeps_its_addresses(int code, object result)
    {
        var gone = false;
        await using var server = new DnsServer(question =>
            Volatile.Read(ref gone) ? question.Fail(code) : question.Answer(DnsTestRecord.Address(question.Name, "192.0.2.1")));
        using var endpoints = Following(server, "db.example.com");
        await LookupsAsync(endpoints, DnsResult.Resolved, 1);
        Volatile.Write(ref gone, true);
        _time.Advance(TimeSpan.FromSeconds(60));
        await LookupsAsync(endpoints, (DnsResult)result, 1);

        Assert.Equal((0, 1, 0), States(endpoints));
        Assert.Equal("db.example.com 192.0.2.1", Joined(_told));
    }

    [Fact]
    public async Task A_family_nobody_speaks_about_keeps_its_addresses_and_the_other_changes()
    {
        var broken = false;
        await using var server = new DnsServer(question =>
            !Volatile.Read(ref broken) ? question.Answer(DnsTestRecord.Address(question.Name, "192.0.2.1"), DnsTestRecord.Address(question.Name, "2001:db8::1"))
            : question.Type == DnsQuestion.A ? question.Fail(2)
            : question.Answer(DnsTestRecord.Address(question.Name, "2001:db8::2")));
        using var endpoints = Following(server, onlyV4: false, "db.example.com");
        await LookupsAsync(endpoints, DnsResult.Resolved, 1);
        Volatile.Write(ref broken, true);
        _time.Advance(TimeSpan.FromSeconds(60));
        await LookupsAsync(endpoints, DnsResult.Resolved, 2);

        Assert.Equal("db.example.com 192.0.2.1 2001:db8::1, db.example.com 2001:db8::2 192.0.2.1", Joined(_told));
    }

    [Fact]
    public async Task A_changed_registry_is_told_at_once_what_is_known_and_what_it_does_not_need_is_forgotten()
    {
        await using var server = new DnsServer(question => question.Answer(DnsTestRecord.Address(question.Name, "192.0.2.1")));
        using var endpoints = Following(server, "a.example", "b.example");
        await LookupsAsync(endpoints, DnsResult.Resolved, 2);

        var toldNext = new ConcurrentQueue<string>();
        endpoints.Follow(["b.example", "c.example"], (name, addresses) => toldNext.Enqueue($"{name} {string.Join(' ', addresses)}"));
        Assert.Equal("b.example 192.0.2.1", toldNext.First());
        await LookupsAsync(endpoints, DnsResult.Resolved, 3);
        _time.Advance(TimeSpan.FromSeconds(60));
        await LookupsAsync(endpoints, DnsResult.Resolved, 5);

        Assert.Equal("b.example 192.0.2.1, c.example 192.0.2.1", Joined(toldNext));
        Assert.Equal(
            "a.example, b.example, b.example, c.example, c.example",
            Joined(server.Questions.Select(question => question.Name).Order(StringComparer.Ordinal)));
        Assert.Equal((2, 0, 0), States(endpoints));
        Assert.Equal(2, _told.Count);
    }

    [Fact]
    public async Task An_answer_for_a_name_nobody_needs_any_more_is_thrown_away()
    {
        var held = new TaskCompletionSource();
        await using var server = new DnsServer(async question =>
        {
            await held.Task;
            return [question.Answer(DnsTestRecord.Address(question.Name, "192.0.2.1"))];
        });
        using var endpoints = Following(server, "a.example");
        await AskedAsync(server, 1);

        endpoints.Follow([], (name, _) => _told.Enqueue(name));
        held.SetResult();
        await LookupsAsync(endpoints, DnsResult.Resolved, 1);

        Assert.Empty(_told);
        Assert.Equal((0, 0, 0), States(endpoints));
    }

    [Fact]
    public async Task Of_many_names_eight_are_asked_for_at_a_time()
    {
        using var places = new SemaphoreSlim(0);
        var (asking, most) = (0, 0);
        await using var server = new DnsServer(async question =>
        {
            InterlockedMax(ref most, Interlocked.Increment(ref asking));
            await places.WaitAsync();
            Interlocked.Decrement(ref asking);
            return [question.Answer(DnsTestRecord.Address(question.Name, "192.0.2.1"))];
        });
        using var endpoints = Following(server, [.. Enumerable.Range(0, 100).Select(i => $"n{i}.example")]);
        await AskedAsync(server, 8);
        Assert.Equal((0, 0, 100), States(endpoints));

        places.Release(100);
        await LookupsAsync(endpoints, DnsResult.Resolved, 100);

        Assert.Equal(8, most);
        Assert.Equal(100, _told.Count);
        Assert.Equal((100, 0, 0), States(endpoints));
    }

    [Fact]
    public async Task Look_ups_and_states_are_counted_from_the_first_scrape_on()
    {
        await using var server = new DnsServer(question => question.Name == "bad.example"
            ? question.Fail(3) : question.Answer(DnsTestRecord.Address(question.Name, "192.0.2.1")));
        using var endpoints = Following(server, "good.example", "bad.example");
        await LookupsAsync(endpoints, DnsResult.Resolved, 1);
        await LookupsAsync(endpoints, DnsResult.NxDomain, 1);

        var output = new ArrayBufferWriter<byte>();
        using var writer = new PrometheusWriter(_instruments);
        writer.Write(output, openMetrics: false);
        var scraped = Encoding.UTF8.GetString(output.WrittenSpan);

        foreach (var line in (string[])["_lookups_total{result=\"resolved\"} 1", "_lookups_total{result=\"nxdomain\"} 1", "_lookups_total{result=\"timeout\"} 0",
            "_lookups_total{result=\"servfail\"} 0", "_lookups_total{result=\"nodata\"} 0", "_names{state=\"fresh\"} 1", "_names{state=\"stale\"} 0",
            "_names{state=\"unresolved\"} 1"])
        {
            Assert.Contains($"l4proxy_dns{line}\n", scraped, StringComparison.Ordinal);
        }
    }

    private DnsEndpoints Following(DnsServer server, params string[] names) => Following(server, onlyV4: true, names);

    private DnsEndpoints Following(DnsServer server, bool onlyV4, params string[] names)
    {
        var endpoints = new DnsEndpoints(Resolvers.Of(Resolvers.Asking(server), _time, onlyV4: onlyV4), _time, _instruments, _log);
        endpoints.Follow(names, Told);
        return endpoints;
    }

    private void Told(string name, ImmutableArray<IPAddress> addresses) => _told.Enqueue($"{name} {string.Join(' ', addresses)}");

    private static string Joined(IEnumerable<string> lines) => string.Join(", ", lines);

    private static (int Fresh, int Stale, int Unresolved) States(DnsEndpoints endpoints) =>
        (endpoints.Names(NameState.Fresh), endpoints.Names(NameState.Stale), endpoints.Names(NameState.Unresolved));

    private static Task LookupsAsync(DnsEndpoints endpoints, DnsResult result, int count) => Patience.UntilAsync(
        $"{count} look-ups end {result}", () => Task.FromResult(endpoints.Lookups(result) >= count));

    private static Task AskedAsync(DnsServer server, int count) => Patience.UntilAsync(
        $"{count} questions", () => Task.FromResult(server.Questions.Count >= count));

    private static void InterlockedMax(ref int most, int number)
    {
        for (var seen = Volatile.Read(ref most); number > seen && Interlocked.CompareExchange(ref most, number, seen) != seen;)
        {
            seen = Volatile.Read(ref most);
        }
    }
}
