using System.Text;
using L4Proxy.Telemetry;

namespace L4Proxy.Tests.Telemetry;

public sealed class LineWriterTests : IDisposable
{
    private static readonly LineWriterSettings _settings = new() { ThreadName = "test", GraceMilliseconds = 30_000 };
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Reopening_after_a_rename_splits_the_log_at_the_call()
    {
        var path = _directory.File("access.log");
        using (var lines = new LineWriter(path, _settings))
        {
            lines.Append("before\n"u8);
            File.Move(path, path + ".1");
            lines.Append("before, after the rename\n"u8);
            lines.Reopen();
            lines.Append("after\n"u8);
        }

        Assert.Equal("before\nbefore, after the rename\n", File.ReadAllText(path + ".1"));
        Assert.Equal("after\n", File.ReadAllText(path));
    }

    [Fact]
    public void A_path_that_cannot_be_opened_again_keeps_the_old_file_and_is_reported()
    {
        var directory = Directory.CreateDirectory(_directory.File("logs"));
        var path = Path.Combine(directory.FullName, "access.log");
        var moved = _directory.File("elsewhere");
        var reports = new List<string>();
        using (var lines = new LineWriter(path, _settings with { OnFailure = (_, reason, _) => reports.Add(reason) }))
        {
            Directory.Move(directory.FullName, moved);
            lines.Reopen();
            lines.Append("still here\n"u8);
            lines.Dispose();
            Assert.Equal(1, lines.WriteErrors);
            Assert.Equal(0, lines.Dropped);
        }

        Assert.Equal(["ENOENT (No such file or directory)"], reports);
        Assert.Equal("still here\n", File.ReadAllText(Path.Combine(moved, "access.log")));
    }

    [Fact]
    public void Two_processes_worth_of_writers_append_and_do_not_overwrite()
    {
        var path = _directory.File("access.log");
        using (var one = new LineWriter(path, _settings))
        using (var other = new LineWriter(path, _settings))
        {
            one.Append("one\n"u8);
            Assert.True(SpinWait.SpinUntil(() => one.PendingBytes == 0, TimeSpan.FromSeconds(30)));
            other.Append("other\n"u8);
        }

        Assert.Equal("one\nother\n", File.ReadAllText(path));
    }

    [Fact]
    public void A_full_disk_is_counted_and_reported_once_and_the_writer_lives_on()
    {
        var reports = new List<(string Path, string Reason, long Lost)>();
        using var lines = new LineWriter("/dev/full",
            _settings with { OnFailure = (path, reason, lost) => reports.Add((path, reason, lost)) });

        lines.Append("lost\n"u8);
        Assert.True(SpinWait.SpinUntil(() => lines.PendingBytes == 0, TimeSpan.FromSeconds(30)));
        lines.Append("lost too\n"u8);
        lines.Dispose();

        Assert.Equal(2, lines.WriteErrors);
        Assert.Equal(2, lines.Dropped);
        Assert.Equal([("/dev/full", "ENOSPC (No space left on device)", 1L)], reports);
    }

    [Fact]
    public void A_reader_that_goes_away_costs_lines_until_the_next_one_comes()
    {
        var path = _directory.File("fifo");
        Fifo.Make(path);
        // Opened for both, because a FIFO lets nobody in for reading alone before there is a writer.
        var reader = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        using var lines = new LineWriter(path, _settings);
        reader.Dispose();

        lines.Append("nobody reads this\n"u8);
        Assert.True(SpinWait.SpinUntil(() => lines.PendingBytes == 0, TimeSpan.FromSeconds(30)));
        Assert.Equal(1, lines.WriteErrors);
        Assert.Equal(1, lines.Dropped);

        using var next = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        lines.Append("but this\n"u8);
        Assert.Equal("but this", next.ReadLine());
    }

    [Fact]
    public void Lines_after_the_end_and_lines_larger_than_a_batch_are_dropped_and_counted()
    {
        using var lines = new LineWriter("/dev/null", _settings);

        Assert.False(lines.Append(new byte[LineBatch.Capacity + 1]));
        lines.Dispose();
        Assert.False(lines.Append("late\n"u8));

        Assert.Equal(2, lines.Dropped);
    }

    [Fact]
    public void A_path_that_cannot_be_opened_says_why() => Assert.Equal(
        $"cannot open {_directory.File("no/such/directory")} for appending: ENOENT (No such file or directory)",
        Assert.Throws<IOException>(() => new LineWriter(_directory.File("no/such/directory"), _settings)).Message);

    [Fact]
    public void Batches_are_written_in_order_when_lines_fill_several()
    {
        var path = _directory.File("access.log");
        var expected = new StringBuilder();
        using (var lines = new LineWriter(path, _settings))
        {
            for (var i = 0; i < 50_000; i++)
            {
                expected.Append(provider: null, $"line {i}\n");
                Assert.True(lines.Append(Encoding.UTF8.GetBytes($"line {i}\n")));
            }
        }

        Assert.Equal(expected.ToString(), File.ReadAllText(path));
    }
}
