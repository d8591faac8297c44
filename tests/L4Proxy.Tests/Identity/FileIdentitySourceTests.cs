using System.Buffers;
using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using L4Proxy.Core.Connections;
using L4Proxy.Core.Identity;
using L4Proxy.Identity;
using L4Proxy.Telemetry;
using L4Proxy.Tests.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace L4Proxy.Tests.Identity;

/// <summary>Files that change under a running source: real files and real inotify, and a clock that goes on when it is told to.</summary>
public sealed class FileIdentitySourceTests : IAsyncDisposable
{
    /// <summary>Longer than anything here ever takes.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _aMoment = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _aMinute = TimeSpan.FromSeconds(60);

    private readonly ManualTime _time = new();
    private readonly RecordingLogger<FileIdentitySource> _logger = new();
    private readonly Readiness _readiness = new(NullLogger.Instance);
    private readonly Queue<WorkloadIdentity> _swaps = [];
    private readonly IdentityDirectory _files;
    private FileIdentitySource? _source;

    public FileIdentitySourceTests() => _files = new IdentityDirectory(_time.GetUtcNow());

    public async ValueTask DisposeAsync()
    {
        if (_source is not null)
        {
            await _source.DisposeAsync();
        }
        _files.Dispose();
    }

    [Fact]
    public void A_good_set_is_in_force_as_soon_as_it_is_started()
    {
        _files.WriteGood();
        var source = Start();

        Assert.Equal((1, "spiffe://cluster.local/ns/demo/sa/web"), (source.Current!.Generation, source.Current.Id.ToString()));
        Assert.Same(source.Current, Assert.Single(_swaps));
        Assert.True(_readiness.IsReady);
        Assert.Equal(
            ["Information identity loaded: spiffe://cluster.local/ns/demo/sa/web, valid until 2026-01-02T00:00:00Z, 1 intermediate(s), 1 anchor(s), 0 revocation list(s)"],
            _logger.Lines);
    }

    [Fact]
    public async Task A_write_in_place_is_seen() => await ExpectInotifyToSee(() => _files.WriteGood());

    [Fact]
    public async Task Files_renamed_over_are_seen() => await ExpectInotifyToSee(() =>
    {
        var leaf = _files.Intermediate.Issue();
        foreach (var (name, text) in new[] { ("key.pem", leaf.KeyPem), ("cert-chain.pem", leaf.Pem + "\n" + _files.Intermediate.Pem) })
        {
            File.Move(_files.Write(name + "~", text), _files.File(name), overwrite: true);
        }
    });

    [Fact]
    public async Task A_swapped_data_symlink_is_seen()
    {
        // As the kubelet does it: file -> ..data/file, ..data -> a directory per version, and a rename over ..data.
        foreach (var version in (string[])["..1", "..2"])
        {
            Directory.CreateDirectory(_files.File(version));
            var leaf = _files.Intermediate.Issue();
            _files.Write($"{version}/cert-chain.pem", leaf.Pem + "\n" + _files.Intermediate.Pem);
            _files.Write($"{version}/key.pem", leaf.KeyPem);
            _files.Write($"{version}/root-cert.pem", _files.Root.Pem);
        }
        foreach (var name in (string[])["cert-chain.pem", "key.pem", "root-cert.pem"])
        {
            File.CreateSymbolicLink(_files.File(name), $"..data/{name}");
        }
        File.CreateSymbolicLink(_files.File("..data"), "..1");
        File.CreateSymbolicLink(_files.File("..data_tmp"), "..2");

        // rename(2) by mv: the BCL does not move one directory symlink over another.
        await ExpectInotifyToSee(
            () =>
            {
                using var rename = Process.Start("mv", ["-T", _files.File("..data_tmp"), _files.File("..data")]);
                rename.WaitForExit();
                Assert.Equal(0, rename.ExitCode);
            },
            areThere: true);
    }

    [Fact]
    public void What_inotify_misses_is_found_within_a_minute()
    {
        using var elsewhere = new IdentityDirectory(_time.GetUtcNow());
        elsewhere.WriteGood();
        foreach (var name in (string[])["cert-chain.pem", "key.pem", "root-cert.pem"])
        {
            File.CreateSymbolicLink(_files.File(name), elsewhere.File(name));
        }
        var source = Start();
        _time.Advance(_aMoment);
        elsewhere.WriteGood();

        _time.Advance(_aMinute - 2 * _aMoment);
        Assert.Equal(1, source.Current!.Generation);
        _time.Advance(_aMoment);

        Assert.Equal(2, source.Current.Generation);
    }

    [Fact]
    public async Task A_key_that_does_not_match_for_a_second_changes_nothing_until_the_certificate_follows()
    {
        _files.WriteGood();
        var source = Start();
        _time.Advance(_aMoment);
        var next = _files.Intermediate.Issue();
        var seen = _time.WhenATimerIsSet();
        _files.Write("key.pem", next.KeyPem);
        await seen.WaitAsync(_patience);
        _time.Advance(_aMoment);

        Assert.Equal(1, source.Current!.Generation);
        Assert.True(_readiness.IsReady);
        Assert.StartsWith("[+]identity ok: the files are refused since 2026-01-01T00:00:0", Condition, StringComparison.Ordinal);
        Assert.EndsWith("; generation 1 stays in force until 2026-01-02T00:00:00Z", Condition, StringComparison.Ordinal);

        _files.WriteGood(next);
        // Looked at again soon, even if inotify missed it.
        _time.Advance(5 * _aMoment);

        Assert.Equal((2, next.Certificate.Thumbprint), (source.Current.Generation, source.Current.Certificate.TargetCertificate.Thumbprint));
        Assert.Equal("[+]identity ok", Condition);
    }

    [Fact]
    public void A_bad_set_keeps_the_old_one_and_is_reported_once()
    {
        var leaf = _files.WriteGood();
        var source = Start();
        _time.Advance(_aMoment);
        _files.Write("root-cert.pem", "");
        _time.Advance(10 * _aMinute);

        Assert.Equal((1, leaf.Certificate.Thumbprint), (source.Current!.Generation, source.Current.Certificate.TargetCertificate.Thumbprint));
        Assert.Equal((1L, 1L, false), (source.Applied, source.Rejected, source.IsUpToDate));
        Assert.Equal(
            $"Warning the identity's files are refused, generation 1 stays in force until 2026-01-02T00:00:00Z: identity.trustBundle: {_files.File("root-cert.pem")} is empty; write PEM into it",
            Assert.Single(_logger.Lines.Skip(1)));

        _files.Write("root-cert.pem", _files.Root.Pem);
        _time.Advance(_aMinute);

        Assert.Equal("Information the identity's files are again those of generation 1, which is in force", _logger.Lines[^1]);
        Assert.Equal((1, true), (source.Current.Generation, source.IsUpToDate));
        Assert.Single(_swaps);
    }

    [Fact]
    public void A_bad_set_at_the_start_leaves_the_proxy_unready_until_it_is_good()
    {
        _files.WriteGood();
        File.Delete(_files.File("key.pem"));
        var source = Start();

        Assert.Null(source.Current);
        Assert.Equal($"[-]identity failing: the files are refused since 2026-01-01T00:00:00.0000000Z: identity.privateKey: {_files.File("key.pem")} does not exist; mount it there, or name the right file", Condition);
        Assert.StartsWith("Warning the identity's files are refused, and there is no identity yet, so TLS is refused: ", Assert.Single(_logger.Lines), StringComparison.Ordinal);

        _files.WriteGood();
        _time.Advance(_aMoment);

        Assert.Equal(1, source.Current!.Generation);
        Assert.True(_readiness.IsReady);
    }

    [Fact]
    public void A_directory_that_comes_later_is_said_and_found()
    {
        var later = _files.File("later");
        _files.Options = _files.Options with
        {
            Identity = _files.Options.Identity with
            {
                Certificate = later + "/cert-chain.pem",
                PrivateKey = later + "/key.pem",
                TrustBundle = later + "/root-cert.pem",
            },
        };
        var source = Start();
        Assert.StartsWith("Warning the identity's files cannot all be watched and are re-read every 60 s instead: ", _logger.Lines[^1], StringComparison.Ordinal);

        _files.WriteGood();
        Directory.CreateDirectory(later);
        Array.ForEach(["cert-chain.pem", "key.pem", "root-cert.pem"], name => File.Move(_files.File(name), $"{later}/{name}"));
        _time.Advance(_aMinute);

        Assert.Equal(1, source.Current!.Generation);
    }

    [Fact]
    public void A_certificate_that_is_not_valid_yet_is_taken_when_it_is()
    {
        _files.WriteGood();
        var source = Start();
        var next = _files.WriteGood(_files.Intermediate.Issue(from: _time.GetUtcNow().AddMinutes(5)));
        _time.Advance(5 * _aMinute - _aMoment);
        Assert.Equal(1, source.Current!.Generation);

        _time.Advance(_aMoment);

        Assert.Equal(next.Certificate.Thumbprint, source.Current!.Certificate.TargetCertificate.Thumbprint);
    }

    [Fact]
    public void A_certificate_nobody_renews_is_said_at_a_quarter_and_at_its_end()
    {
        var start = _time.GetUtcNow();
        _files.WriteGood(_files.Intermediate.Issue(from: start, until: start.AddMinutes(4)));
        var source = Start();
        _time.Advance(3 * _aMinute - _aMoment);
        Assert.Single(_logger.Lines);

        _time.Advance(_aMoment);
        Assert.Equal(
            $"Warning our certificate expires at 2026-01-01T00:04:00Z, in 60 seconds, and has not been renewed; see to whoever writes {_files.File("cert-chain.pem")}", _logger.Lines[1]);
        Assert.True(_readiness.IsReady);

        _time.Advance(_aMinute);
        Assert.Equal($"Error our certificate expired at 2026-01-01T00:04:00Z: peers refuse us; renew {_files.File("cert-chain.pem")}", _logger.Lines[2]);
        Assert.Equal("[-]identity failing: our certificate or its issuer expired at 2026-01-01T00:04:00Z, renew it", Condition);

        _time.Advance(100 * _aMinute);
        Assert.Equal(3, _logger.Lines.Count);

        _files.WriteGood(_files.Intermediate.Issue(until: start.AddDays(1)));
        _time.Advance(_aMinute);
        Assert.Equal((2, true), (source.Current!.Generation, _readiness.IsReady));
    }

    [Fact]
    public void An_anchor_that_comes_to_its_end_is_said_thirty_days_a_week_and_a_day_before()
    {
        var start = _time.GetUtcNow();
        var old = TestAuthority.Root(start, "old root", TimeSpan.FromDays(40));
        _files.WriteGood(_files.Intermediate.Issue(until: start.AddDays(300)));
        _files.Write("root-cert.pem", _files.Root.Pem + "\n" + old.Pem);
        var generation = _files.Load(start).Generation!;
        var warnings = new ExpiryWarnings("cert-chain.pem", _logger);
        // As the source does: asked again at the very instant it named, and never in between.
        for (DateTime? at = start.UtcDateTime; at < start.AddDays(50).UtcDateTime; at = warnings.Check(generation, at.Value))
        {
            warnings.Check(generation, at.Value);
        }

        Assert.Equal(
            [
                "Warning the anchor 'CN=old root' expires at 2026-02-10T00:00:00Z, in 30 days; have its successor in every bundle before anything is issued by it",
                "Warning the anchor 'CN=old root' expires at 2026-02-10T00:00:00Z, in 7 days; have its successor in every bundle before anything is issued by it",
                "Warning the anchor 'CN=old root' expires at 2026-02-10T00:00:00Z, in 24 hours; have its successor in every bundle before anything is issued by it",
                "Warning the anchor 'CN=old root' expired at 2026-02-10T00:00:00Z and vouches for nobody any more; remove it",
            ],
            _logger.Lines, StringComparer.Ordinal);
    }

    [Fact]
    public void A_peer_that_was_believed_is_not_by_the_generation_of_a_list_that_revokes_it()
    {
        _files.WriteGood();
        _files.UseRevocationList(_files.Root.RevocationList() + "\n" + _files.Intermediate.RevocationList());
        var source = Start();
        _time.Advance(_aMoment);
        var peer = _files.Intermediate.Issue("spiffe://cluster.local/ns/demo/sa/peer").Certificate;
        var now = _time.GetUtcNow().UtcDateTime;
        X509Certificate2Collection presented = [_files.Intermediate.Certificate];
        var believed = source.Current!.Peers.Verify(peer, presented, PeerRole.Client, [], now);
        Assert.True(believed.Accepted, believed.Detail);

        _files.Write("ca-crl.pem", _files.Root.RevocationList() + "\n" + _files.Intermediate.RevocationList(peer));
        _time.Advance(_aMinute);

        Assert.Equal(2, _swaps.Last().Generation);
        Assert.Equal(CloseReason.TlsRevoked, _swaps.Last().Peers.Judge(believed.Chain!).Refusal);
    }

    [Fact]
    public async Task A_handshake_may_still_use_a_certificate_that_was_replaced()
    {
        var old = _files.WriteGood();
        var source = Start();
        var before = source.Current!;
        _files.WriteGood();
        _time.Advance(_aMinute);
        Assert.Equal(2, source.Current!.Generation);

        Assert.Equal(old.Certificate.Thumbprint, (await HandshakePeers.ShowAsync(before.Certificate)).Leaf);
    }

    [Fact]
    public void Numbers_say_what_is_in_force_and_what_became_of_the_files()
    {
        var start = _time.GetUtcNow();
        using var instruments = new Instruments();
        _files.WriteGood(_files.Intermediate.Issue(until: start.AddHours(1)));
        _source = new FileIdentitySource(_files.Options, _readiness, _time, _logger);
        IdentityMetrics.AddTo(instruments, _source);
        using var writer = new PrometheusWriter(instruments);

        Assert.Equal(
            """
            l4proxy_certificate_loaded_timestamp_seconds 0
            l4proxy_certificate_not_after_timestamp_seconds{kind="anchor"} 0
            l4proxy_certificate_not_after_timestamp_seconds{kind="leaf"} 0
            l4proxy_identity_generation 0
            l4proxy_identity_last_reload_success 0
            l4proxy_identity_reloads_total{result="applied"} 0
            l4proxy_identity_reloads_total{result="rejected"} 0
            """,
            Scrape(writer));

        _source.Start(_ => { });
        _files.Write("key.pem", "");
        _time.Advance(_aMinute);

        Assert.Equal(
            $$"""
            l4proxy_certificate_loaded_timestamp_seconds {{start.ToUnixTimeSeconds()}}
            l4proxy_certificate_not_after_timestamp_seconds{kind="anchor"} {{start.AddDays(1000).ToUnixTimeSeconds()}}
            l4proxy_certificate_not_after_timestamp_seconds{kind="intermediate"} {{start.AddDays(900).ToUnixTimeSeconds()}}
            l4proxy_certificate_not_after_timestamp_seconds{kind="leaf"} {{start.AddHours(1).ToUnixTimeSeconds()}}
            l4proxy_identity_generation 1
            l4proxy_identity_last_reload_success 0
            l4proxy_identity_reloads_total{result="applied"} 1
            l4proxy_identity_reloads_total{result="rejected"} 1
            """,
            Scrape(writer));
    }

    [Fact]
    public async Task After_disposal_nothing_changes()
    {
        _files.WriteGood();
        var source = Start();
        await source.DisposeAsync();
        _files.WriteGood();
        _time.Advance(10 * _aMinute);

        Assert.Equal(1, source.Current!.Generation);
    }

    private string Condition => Assert.Single(_readiness.Conditions).Verbose();

    private FileIdentitySource Start()
    {
        _source = new FileIdentitySource(_files.Options, _readiness, _time, _logger);
        _source.Start(_swaps.Enqueue);
        return _source;
    }

    private static string Scrape(PrometheusWriter writer)
    {
        var output = new ArrayBufferWriter<byte>();
        writer.Write(output, openMetrics: false);
        return string.Join('\n', Encoding.UTF8.GetString(output.WrittenSpan).Split('\n')
            .Where(line => line.StartsWith("l4proxy_identity", StringComparison.Ordinal) || line.StartsWith("l4proxy_certificate", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    /// <summary>With the clock standing still, only an event can ask for the look that finds the change.</summary>
    private async Task ExpectInotifyToSee(Action change, bool areThere = false)
    {
        if (!areThere)
        {
            _files.WriteGood();
        }
        var source = Start();
        _time.Advance(_aMoment);
        var seen = _time.WhenATimerIsSet();
        change();
        await seen.WaitAsync(_patience);
        _time.Advance(_aMoment);

        Assert.Equal(2, source.Current!.Generation);
        Assert.Same(source.Current, _swaps.Last());
        Assert.StartsWith("Information identity rotated to generation 2: spiffe://cluster.local/ns/demo/sa/web, valid until ", _logger.Lines[^1], StringComparison.Ordinal);
        Assert.EndsWith("; established connections keep the session they have", _logger.Lines[^1], StringComparison.Ordinal);
    }
}
