using System.Collections.Immutable;
using System.Net;
using L4Proxy.Configuration;
using L4Proxy.Core.Policy;
using L4Proxy.Resources;
using L4Proxy.Telemetry;
using L4Proxy.Tests.Configuration;
using L4Proxy.Tests.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;

namespace L4Proxy.Tests.Resources;

public sealed class FileMeshSourceTests : IAsyncDisposable
{
    private readonly ResourceDirectory _directory = new();
    private readonly ManualTime _time = new();
    private readonly RecordingLogger<FileMeshSourceTests> _log = new();
    private readonly Readiness _readiness = new(NullLogger.Instance);
    private readonly List<(MeshModel Before, MeshModel After)> _swaps = [];
    private FileMeshSource? _source;

    public async ValueTask DisposeAsync()
    {
        if (_source is not null)
        {
            await _source.DisposeAsync();
        }
        _directory.Dispose();
    }

    [Fact]
    public void What_is_there_at_the_start_is_in_force_before_it_returns()
    {
        _directory.Write("deny.yaml", Policy("deny", "DENY"));

        var source = Start();

        Assert.Equal((1, false), (source.Current.Generation, Allows()));
        Assert.Equal([$"Information resources of {_directory.Path}, generation 1: 1 resources added, 0 changed, 0 removed; in force: 1 AuthorizationPolicy"], _log.Lines);
        Assert.Equal("[+]resources ok", Assert.Single(_readiness.Conditions).Verbose());
        Assert.Equal([(0, 1)], _swaps.Select(swap => (swap.Before.Generation, swap.After.Generation)));
    }

    [Fact]
    public void An_empty_directory_is_a_good_one()
    {
        Start();

        Assert.True(Allows());
    }

    [Fact]
    public void Bad_resources_at_the_start_are_no_start()
    {
        _directory.Write("a.yaml", Policy("a", "DENI"));
        _directory.Write("b.yaml", Policy("b", "CUSTOM"));
        _source = new FileMeshSource(Options(), _readiness, _time, _log);

        var refused = Assert.Throws<ResourcesRefusedException>(() => _source.Start((_, _) => { }));

        Assert.Equal($"mesh.resources {_directory.Path} is refused with 2 error(s)", refused.Message);
        Assert.Equal(["a.yaml", "b.yaml"], refused.Errors.Select(error => error.File), StringComparer.Ordinal);
        Assert.False(_readiness.IsReady);
    }

    [Fact]
    public void A_file_that_is_added_changed_or_removed_is_in_force_within_a_moment()
    {
        _directory.Write("keep.yaml", Policy("keep", "AUDIT"));
        Start();

        _directory.Write("sub/deny.yml", Policy("deny", "DENY"));
        Look();
        var denied = !Allows();
        _directory.Write("sub/deny.yml", Policy("deny", "AUDIT"));
        Look();
        var allowed = Allows();
        File.Delete(_directory.File("sub/deny.yml"));
        Look();

        Assert.True(denied && allowed);
        Assert.Equal([(0, 1), (1, 2), (2, 3), (3, 4)], _swaps.Select(swap => (swap.Before.Generation, swap.After.Generation)));
        Assert.Equal(
            [
                "1 resources added, 0 changed, 0 removed; in force: 1 AuthorizationPolicy",
                "1 resources added, 0 changed, 0 removed; in force: 2 AuthorizationPolicy",
                "0 resources added, 1 changed, 0 removed; in force: 2 AuthorizationPolicy",
                "0 resources added, 0 changed, 1 removed; in force: 1 AuthorizationPolicy",
            ],
            _log.Lines.Select(line => line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..]), StringComparer.Ordinal);
    }

    public static TheoryData<string> Bad { get; } =
    [
        "kind: [", "kind: Pod", Policy("deny", "DENI"), "\0", "\uFFFF\0", new string('[', 1000), "a: &a [*a]",
        Policy("deny", "ALLOW").Replace("{}", "{from: [{source: {ipBlocks: [10.0.0.0/40]}}]}", StringComparison.Ordinal),
        Policy("deny", "ALLOW") + "---\n" + Policy("deny", "ALLOW"),
    ];

    [Theory]
    [MemberData(nameof(Bad))]
    public void After_a_bad_file_the_last_good_set_stays_in_force_and_everybody_can_see_why(string bad)
    {
        _directory.Write("deny.yaml", Policy("deny", "DENY"));
        var source = Start();
        var good = source.Current;

        _directory.Write("deny.yaml", bad);
        Look();
        Look();

        Assert.Same(good, source.Current);
        Assert.False(Allows());
        Assert.Single(_swaps);
        Assert.Equal((1, 1, false), (source.Applied, source.Rejected, source.IsUpToDate));
        var error = source.Refused!.Errors[0];
        Assert.StartsWith("deny.yaml:", error.ToString(), StringComparison.Ordinal);
        Assert.Contains($"Error the resources of {_directory.Path} are refused with {source.Refused.Errors.Length} error(s), generation 1 stays in force", _log.Lines, StringComparer.Ordinal);
        Assert.Single(_log.Lines, line => line == $"Error {error}");
        Assert.True(_readiness.IsReady);
        Assert.Equal($"[+]resources ok: the resources on disk are refused since {source.Refused.At:O}: {error}; generation 1 stays in force", _readiness.Conditions[0].Verbose());

        _directory.Write("deny.yaml", Policy("deny", "DENY"));
        Look();

        Assert.Same(good, source.Current);
        Assert.True(source.IsUpToDate);
        Assert.Equal("[+]resources ok", _readiness.Conditions[0].Verbose());
        Assert.EndsWith("are again those of generation 1, which is in force", _log.Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_that_vanishes_changes_nothing_until_it_is_back()
    {
        _directory.Write("deny.yaml", Policy("deny", "DENY"));
        var source = Start();

        Directory.Delete(_directory.Path, recursive: true);
        Look();
        var refused = source.Refused;
        _directory.Write("deny.yaml", Policy("deny", "AUDIT"));
        Look();

        Assert.Equal($"{_directory.Path}: does not exist; make the directory (it may be empty), or name another in mesh.resources", Assert.Single(refused!.Errors).ToString());
        Assert.True(Allows());
    }

    [Fact]
    public async Task Kubernetes_swap_of_all_files_at_once_is_seen_by_inotify()
    {
        _directory.Write("..1/policies.yaml", Policy("one", "DENY"));
        _directory.Write("..2/policies.yaml", Policy("two", "AUDIT"));
        File.CreateSymbolicLink(_directory.File("..data"), "..1");
        File.CreateSymbolicLink(_directory.File("policies.yaml"), "..data/policies.yaml");
        Start();
        var denied = !Allows();
        // The look that every start asks for.
        _time.Advance(TimeSpan.FromSeconds(1));

        var touched = _time.WhenATimerIsSet();
        File.CreateSymbolicLink(_directory.File("..data_tmp"), "..2");
        Rename("..data_tmp", "..data");
        await touched;
        await Running.Patience.UntilAsync("the swap to be in force", () =>
        {
            _time.Advance(TimeSpan.FromSeconds(3));
            return Task.FromResult(_swaps.Count > 1);
        });

        Assert.True(denied && Allows());
        Assert.Equal("policies.yaml", _source!.Current.Policies.Policies.Single().Origin.File);
    }

    [Fact]
    public async Task A_file_in_a_directory_made_later_is_seen_by_inotify()
    {
        Start();
        _time.Advance(TimeSpan.FromSeconds(1));

        var touched = _time.WhenATimerIsSet();
        _directory.Write("team/deny.yaml", Policy("deny", "DENY"));
        await touched;
        await Running.Patience.UntilAsync("the file to be in force", () =>
        {
            _time.Advance(TimeSpan.FromSeconds(3));
            return Task.FromResult(_swaps.Count > 1);
        });

        Assert.False(Allows());
    }

    [Fact]
    public async Task A_directory_that_is_replaced_as_a_whole_is_followed_on()
    {
        _directory.Write("deny.yaml", Policy("deny", "DENY"));
        Start();
        _time.Advance(TimeSpan.FromSeconds(1));

        var replaced = _time.WhenATimerIsSet();
        Directory.Move(_directory.Path, _directory.Path + "-old");
        Directory.CreateDirectory(_directory.Path);
        await replaced;
        await Running.Patience.UntilAsync("nothing to be in force", () =>
        {
            _time.Advance(TimeSpan.FromSeconds(3));
            return Task.FromResult(Allows());
        });
        var touched = _time.WhenATimerIsSet();
        _directory.Write("deny.yaml", Policy("deny", "DENY"));
        await touched;
        await Running.Patience.UntilAsync("the file to be in force", () =>
        {
            _time.Advance(TimeSpan.FromSeconds(3));
            return Task.FromResult(!Allows());
        });

        Directory.Delete(_directory.Path + "-old", recursive: true);
        Assert.Single(_source!.InForce!.Set.AuthorizationPolicies);
    }

    [Fact]
    public void A_single_file_may_be_named_instead_of_a_directory()
    {
        _directory.Write("all.yaml", Policy("deny", "DENY"));
        _directory.Write("other.yaml", "kind: Pod");
        var path = _directory.File("all.yaml");

        Start(path);

        Assert.Equal(path, _source!.Current.Policies.Policies.Single().Origin.File);
        Assert.False(Allows());
    }

    [Fact]
    public void Numbers_tell_what_is_in_force_and_what_became_of_the_files()
    {
        _directory.Write("a.yaml", Policy("a", "DENY") + "---\n" + Policy("b", "AUDIT").Replace("{}", "{to: [{operation: {paths: [x]}}]}", StringComparison.Ordinal));
        using var metrics = new ProxyMetrics(() => 0);
        using var writer = new PrometheusWriter(metrics.Instruments);
        Start();
        ResourceMetrics.AddTo(metrics.Instruments, _source!);
        _directory.Write("a.yaml", "kind: Pod");
        Look();

        var page = PrometheusWriterTests.Scrape(writer, openMetrics: false);

        Assert.Contains("l4proxy_resources{kind=\"AuthorizationPolicy\"} 2\n", page, StringComparison.Ordinal);
        Assert.Contains("l4proxy_resources{kind=\"Sidecar\"} 0\n", page, StringComparison.Ordinal);
        Assert.Contains("l4proxy_resource_warnings 1\n", page, StringComparison.Ordinal);
        Assert.Contains("l4proxy_resources_reloads_total{result=\"applied\"} 1\n", page, StringComparison.Ordinal);
        Assert.Contains("l4proxy_resources_reloads_total{result=\"rejected\"} 1\n", page, StringComparison.Ordinal);
        Assert.Contains("l4proxy_resources_last_reload_success 0\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Warnings_are_said_once_for_each_set_that_has_them()
    {
        _directory.Write("a.yaml", Policy("b", "AUDIT").Replace("{}", "{to: [{operation: {paths: [x]}}]}", StringComparison.Ordinal));
        Start();
        Look();

        Assert.Single(_log.Lines, line => line.StartsWith("Warning a.yaml:4:31: spec.rules[0]: asks for paths,", StringComparison.Ordinal));
    }

    private static string Policy(string name, string action) =>
        $"apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {{name: {name}}}\nspec: {{action: {action}, rules: [{{}}]}}\n";

    private void Rename(string from, string to) => Transport.Native.DirectoryEntry.Replace(_directory.File(from), _directory.File(to));

    private ProxyOptions Options(string? path = null) => new()
    {
        Workload = new() { Namespace = "demo", Labels = ImmutableSortedDictionary<string, string>.Empty.Add("app", "web") },
        Mesh = new() { Resources = path ?? _directory.Path },
    };

    private FileMeshSource Start(string? path = null)
    {
        _source = new FileMeshSource(Options(path), _readiness, _time, _log);
        _source.Start((before, after) => _swaps.Add((before, after)));
        return _source;
    }

    /// <summary>A minute passes: contents are compared, whatever inotify has said so far.</summary>
    private void Look() => _time.Advance(TimeSpan.FromSeconds(60));

    private bool Allows() => _source!.Current.Policies.Decide(new AccessRequest(
        Peer: null, IPAddress.Loopback, IPAddress.Loopback, new IPEndPoint(IPAddress.Loopback, 80), null)).IsAllowed;
}
