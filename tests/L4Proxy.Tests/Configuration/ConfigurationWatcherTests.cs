using System.Diagnostics;
using L4Proxy.Configuration;

namespace L4Proxy.Tests.Configuration;

public sealed class ConfigurationWatcherTests : IDisposable
{
    private const string Good = "capture: {inbound: 15006}\n";
    private const string Better = Good + "timeouts: {connect: 2s}\n";
    private const string Bad = Good + "timeouts: {connect: 2}\n";

    /// <summary>Longer than anything here ever takes.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _aMoment = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _aMinute = TimeSpan.FromSeconds(60);

    private readonly TemporaryDirectory _directory = new();
    private readonly Queue<ConfigurationReload> _reloads = [];
    private readonly RecordingLogger<ConfigurationWatcher> _logger = new();
    private readonly ManualTime _time = new();
    private readonly string _path;

    public ConfigurationWatcherTests()
    {
        _path = _directory.File("l4proxy.yaml");
        File.WriteAllText(_path, Good);
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_write_in_place_is_seen() => await ExpectInotifyToSee(() => File.WriteAllText(_path, Better));

    [Fact]
    public async Task A_file_renamed_over_is_seen()
    {
        File.WriteAllText(_directory.File("l4proxy.yaml~"), Better);

        await ExpectInotifyToSee(() => File.Move(_directory.File("l4proxy.yaml~"), _path, overwrite: true));
    }

    [Fact]
    public async Task A_swapped_data_symlink_is_seen()
    {
        // As the kubelet does it: file -> ..data/file, ..data -> a directory per version, and a rename over ..data.
        foreach (var (version, text) in new[] { ("..1", Good), ("..2", Better) })
        {
            Directory.CreateDirectory(_directory.File(version));
            File.WriteAllText(Path.Combine(_directory.File(version), "l4proxy.yaml"), text);
        }
        File.Delete(_path);
        File.CreateSymbolicLink(_path, "..data/l4proxy.yaml");
        File.CreateSymbolicLink(_directory.File("..data"), "..1");
        File.CreateSymbolicLink(_directory.File("..data_tmp"), "..2");

        // rename(2) by mv: the BCL does not move one directory symlink over another.
        await ExpectInotifyToSee(() =>
        {
            using var rename = Process.Start("mv", ["-T", _directory.File("..data_tmp"), _directory.File("..data")]);
            rename.WaitForExit();
            Assert.Equal(0, rename.ExitCode);
        });
    }

    [Fact]
    public void What_inotify_misses_is_found_within_a_minute()
    {
        using var elsewhere = new TemporaryDirectory();
        File.WriteAllText(elsewhere.File("real.yaml"), Good);
        File.Delete(_path);
        File.CreateSymbolicLink(_path, elsewhere.File("real.yaml"));
        using var watcher = Start(_time);
        _time.Advance(_aMoment);
        File.WriteAllText(elsewhere.File("real.yaml"), Better);

        _time.Advance(_aMinute - 2 * _aMoment);
        Assert.Empty(_reloads);
        _time.Advance(_aMoment);

        Assert.Equal("timeouts.connect 5s -> 2s: applies to new connections", Assert.Single(Next().Changes).ToString());
    }

    [Fact]
    public void A_change_between_the_first_reading_and_the_watch_is_seen()
    {
        var started = ConfigurationLoader.Load(_path, _ => null);
        File.WriteAllText(_path, Better);
        using var watcher = Start(_time, started);
        _time.Advance(_aMoment);

        Assert.Equal(TimeSpan.FromSeconds(2), Next().Options.Timeouts.Connect);
    }

    [Fact]
    public void A_bad_file_keeps_the_last_good_one_and_is_reported_once()
    {
        using var watcher = Start(_time);
        Reload(watcher, Bad);

        Assert.Empty(_reloads);
        Assert.Equal(TimeSpan.FromSeconds(5), watcher.State.Options.Timeouts.Connect);
        Assert.Equal((0L, 1L), (watcher.State.Applied, watcher.State.Refused));
        var error = $"{_path}:2:21: timeouts.connect: '2' has no unit; write 2s for seconds, or use ms, m or h";
        Assert.Equal(error, Assert.Single(watcher.State.LastError!.Errors).ToString());
        string[] expected = [$"Error {_path} was refused with 1 errors, the last good configuration stays in force", $"Error {error}"];
        Assert.Equal(expected, _logger.Lines);

        _time.Advance(10 * _aMinute);
        watcher.RequestReload();
        _time.Advance(_aMoment);
        Assert.Equal(expected, _logger.Lines);

        Reload(watcher, Better);
        Assert.Null(watcher.State.LastError);
        Assert.Equal(TimeSpan.FromSeconds(2), Next().Options.Timeouts.Connect);
    }

    [Fact]
    public void Going_back_to_the_good_content_clears_the_error_and_applies_nothing()
    {
        using var watcher = Start(_time);
        Reload(watcher, Bad);
        Reload(watcher, Good);

        Assert.Null(watcher.State.LastError);
        Assert.Empty(_reloads);
    }

    [Fact]
    public void A_file_that_vanished_is_an_error_until_it_is_back()
    {
        using var watcher = Start(_time);
        File.Delete(_path);
        _time.Advance(_aMinute);

        Assert.Equal($"{_path}: does not exist; name an existing file", Assert.Single(watcher.State.LastError!.Errors).ToString());
        Assert.NotNull(watcher.State.Options.Capture.Inbound);

        Reload(watcher, Good);
        Assert.Null(watcher.State.LastError);
    }

    [Fact]
    public void Unchanged_content_does_nothing()
    {
        using var watcher = Start(_time);
        Reload(watcher, Good);
        _time.Advance(10 * _aMinute);

        Assert.Equal(0, watcher.State.Applied);
        Assert.Empty(_logger.Lines);
    }

    [Fact]
    public void Keys_that_need_a_restart_keep_running_values_with_a_warning_each()
    {
        using var watcher = Start(_time);
        Reload(watcher, "capture: {inbound: 15016}\ntimeouts: {connect: 2s}\nhealth: 16021\n");

        var reload = Next();
        Assert.Equal((15006, 15021, TimeSpan.FromSeconds(2)), (reload.Options.Capture.Inbound, reload.Options.Health, reload.Options.Timeouts.Connect));
        Assert.Equal(
            [
                $"Information {_path} was read again: 3 keys differ from what runs, 0 connections affected",
                "Warning capture.inbound 15006 -> 15016: needs a restart, ignored until then",
                "Information timeouts.connect 5s -> 2s: applies to new connections",
                "Warning health 15021 -> 16021: needs a restart, ignored until then",
            ],
            _logger.Lines);
        Assert.Equal("capture.inbound health", string.Join(' ', watcher.State.PendingRestart.Select(change => change.Path)));

        Reload(watcher, Better);
        Assert.Empty(watcher.State.PendingRestart);
        Assert.Empty(_reloads);
    }

    [Fact]
    public void A_live_change_that_clashes_with_what_waits_for_a_restart_is_refused_whole()
    {
        File.WriteAllText(_path, "forward: [{listen: \"127.0.0.1:1\", upstream: \"10.0.0.1:1\"}, {listen: \"127.0.0.1:2\", upstream: \"10.0.0.1:2\"}]");
        using var watcher = Start(_time);
        Reload(watcher, "forward: [{listen: \"127.0.0.1:1\", upstream: \"127.0.0.1:2\"}]\ntimeouts: {connect: 2s}\n");

        Assert.Equal(
            $"{_path}: forward[0].upstream: '127.0.0.1:2' is this proxy's own forward[1].listen, so the connection would come back; name another upstream (with what runs until a restart)",
            Assert.Single(watcher.State.LastError!.Errors).ToString());
        Assert.Equal(TimeSpan.FromSeconds(5), watcher.State.Options.Timeouts.Connect);
    }

    [Fact]
    public void Whoever_applies_may_fail_without_ending_the_watch()
    {
        var fail = true;
        using var watcher = Start(_time, apply: reload =>
        {
            if (fail)
            {
                throw new InvalidOperationException("no");
            }
            _reloads.Enqueue(reload);
        });
        Reload(watcher, Better);

        Assert.Equal($"{_path}: could not be applied: no; see the process log", Assert.Single(watcher.State.LastError!.Errors).ToString());
        Assert.Equal(TimeSpan.FromSeconds(5), watcher.State.Options.Timeouts.Connect);

        fail = false;
        Reload(watcher, Good + "timeouts: {connect: 3s}\n");
        Assert.Equal(TimeSpan.FromSeconds(3), Next().Options.Timeouts.Connect);
    }

    [Fact]
    public void A_file_that_is_never_left_alone_is_read_all_the_same()
    {
        using var watcher = Start(_time);
        File.WriteAllText(_path, Better);
        for (var elapsed = TimeSpan.Zero; elapsed < 3 * _aMoment; elapsed += TimeSpan.FromMilliseconds(100))
        {
            watcher.RequestReload();
            _time.Advance(TimeSpan.FromMilliseconds(100));
        }

        Assert.Equal(TimeSpan.FromSeconds(2), Next().Options.Timeouts.Connect);
    }

    [Fact]
    public void After_disposal_nothing_is_applied()
    {
        var watcher = Start(_time);
        watcher.RequestReload();
        watcher.Dispose();
        File.WriteAllText(_path, Better);
        _time.Advance(10 * _aMinute);

        Assert.Empty(_reloads);
    }

    private ConfigurationWatcher Start(TimeProvider time, ConfigurationResult? started = null, Action<ConfigurationReload>? apply = null) => new(
        _path, started ?? ConfigurationLoader.Load(_path, _ => null), _ => null, apply ?? (reload => _reloads.Enqueue(reload)), time, _logger, _ => { });

    private void Reload(ConfigurationWatcher watcher, string text)
    {
        File.WriteAllText(_path, text);
        watcher.RequestReload();
        _time.Advance(_aMoment);
    }

    private ConfigurationReload Next() => _reloads.Dequeue();

    /// <summary>With the clock standing still, only an event can ask for the look that finds the change.</summary>
    private async Task ExpectInotifyToSee(Action change)
    {
        using var watcher = Start(_time);
        _time.Advance(_aMoment);
        var seen = _time.WhenATimerIsSet();
        change();
        await seen.WaitAsync(_patience);
        _time.Advance(_aMoment);

        var reload = Next();
        Assert.Equal("timeouts.connect 5s -> 2s: applies to new connections", Assert.Single(reload.Changes).ToString());
        Assert.Equal(TimeSpan.FromSeconds(2), reload.Options.Timeouts.Connect);
        Assert.Same(reload.Options, watcher.State.Options);
    }
}
