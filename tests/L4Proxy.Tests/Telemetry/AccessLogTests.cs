using System.Runtime.Versioning;
using System.Text.Json;
using L4Proxy.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;

namespace L4Proxy.Tests.Telemetry;

[SupportedOSPlatform("linux")]
public sealed class AccessLogTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Time_is_the_end_of_the_connection_on_the_wall_clock()
    {
        var path = _directory.File("access.log");
        var now = new DateTimeOffset(2026, 11, 20, 23, 10, 0, TimeSpan.Zero);

        // Closed at 3 500 µs; written 250 ms later.
        using (var log = new AccessLog(Writer(path), "abc", new FixedTime(now), () => 253_500))
        {
            log.Write(ConnectionRecords.Full());
        }

        Assert.Equal("2026-11-20T23:09:59.750Z", JsonDocument.Parse(File.ReadAllText(path)).RootElement.GetProperty("time").GetString());
    }

    [Fact]
    public void Lines_of_four_threads_stay_whole_and_in_each_threads_order()
    {
        const int Threads = 4;
        const int Lines = 5_000;
        var path = _directory.File("access.log");
        using (var log = AccessLog.Open(path, NullLogger.Instance))
        {
            var threads = Enumerable.Range(0, Threads).Select(thread => new Thread(() =>
            {
                for (var i = 0; i < Lines; i++)
                {
                    // One million per thread, so that the number says who wrote it.
                    log.Write(ConnectionRecords.Full((thread * 1_000_000L) + i));
                }
            })).ToList();
            threads.ForEach(thread => thread.Start());
            threads.ForEach(thread => thread.Join());
            Assert.Equal(0, log.Dropped);
        }

        var numbers = File.ReadLines(path).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("id").GetString()!)
            .Select(id => long.Parse(id[(id.LastIndexOf('-') + 1)..], provider: null)).ToList();
        Assert.Equal(Threads * Lines, numbers.Count);
        foreach (var ofOneThread in numbers.GroupBy(number => number / 1_000_000))
        {
            Assert.Equal(ofOneThread.Order(), ofOneThread);
        }
    }

    [Fact]
    public void A_sink_nobody_reads_costs_lines_and_never_time()
    {
        const int Lines = 20_000;
        var path = _directory.File("fifo");
        Fifo.Make(path);
        var log = new AccessLog(Writer(path), "abc", TimeProvider.System, () => 0);
        var record = ConnectionRecords.Full();

        // Returns although the pipe holds 64 KiB, the queue 4 MiB, and this is more than 6 MB.
        for (var i = 0; i < Lines; i++)
        {
            log.Write(record);
        }

        var dropped = log.Dropped;
        Assert.InRange(dropped, 1, Lines - 1);

        // Whatever was taken arrives when somebody reads at last, whole.
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var end = new Thread(log.Dispose);
        end.Start();
        var arrived = 0;
        while (reader.ReadLine() is { } line)
        {
            Assert.StartsWith("{\"time\":", line, StringComparison.Ordinal);
            Assert.EndsWith("}", line, StringComparison.Ordinal);
            arrived++;
        }
        end.Join();
        Assert.Equal(Lines, arrived + dropped);
        Assert.Equal(dropped, log.Dropped);
    }

    [Fact]
    public void Steady_state_allocates_nothing_on_the_writing_thread()
    {
        using var lines = new LineWriter("/dev/null", new LineWriterSettings { ThreadName = "test" });
        using var log = new AccessLog(lines, "abc", TimeProvider.System, () => Environment.TickCount64);
        var record = ConnectionRecords.Full();
        Write(1_000);
        Until(() => lines.PendingBytes == 0);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Write(100);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Write(int count)
        {
            for (var i = 0; i < count; i++)
            {
                log.Write(record);
            }
        }
    }

    [Fact]
    public void A_line_is_written_without_further_lines_or_an_end()
    {
        var path = _directory.File("access.log");
        using var log = AccessLog.Open(path, NullLogger.Instance);

        log.Write(ConnectionRecords.Full());

        Until(() => new FileInfo(path).Length > 0);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path) & ~UnixFileMode.GroupRead);
    }

    [Fact]
    public void Ids_differ_between_two_starts()
    {
        var path = _directory.File("access.log");
        var named = new List<string>();
        for (var start = 0; start < 2; start++)
        {
            using var log = AccessLog.Open(path, NullLogger.Instance);
            log.Write(ConnectionRecords.Full());
            named.Add(log.IdOf(ConnectionRecords.Full()));
        }

        var ids = File.ReadLines(path).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("id").GetString()!).ToList();
        Assert.All(ids, id => Assert.Matches("^[0-9a-z]{10}-7$", id));
        Assert.Equal(named, ids);
        Assert.Equal(2, ids.Distinct(StringComparer.Ordinal).Count());
    }

    private static LineWriter Writer(string path) => new(path, new LineWriterSettings { ThreadName = "test", GraceMilliseconds = 30_000 });

    private static void Until(Func<bool> condition) => Assert.True(SpinWait.SpinUntil(condition, TimeSpan.FromSeconds(30)));
}
