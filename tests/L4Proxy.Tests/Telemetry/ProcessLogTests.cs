using System.Reflection;
using L4Proxy.Telemetry;
using Microsoft.Extensions.Logging;

namespace L4Proxy.Tests.Telemetry;

public sealed class ProcessLogTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_message_is_one_readable_line() => Assert.Equal(
        "2026-11-20T23:10:00.123Z warn  capture: probe failed: 127.6.7.8:15002 was refused\n",
        Log(log => log.CreateLogger("capture").CaptureProbeFailed("127.6.7.8:15002 was refused")));

    [Fact]
    public void Text_from_outside_cannot_forge_a_line_or_reach_the_terminal() => Assert.Equal(
        "2026-11-20T23:10:00.123Z warn  capture: probe failed: bad | 2026 info  forged[31mred\n",
        Log(log => log.CreateLogger("capture").CaptureProbeFailed("bad\r\n2026 info  forged\u001b[31mred\n")));

    [Fact]
    public void An_exception_follows_on_the_same_line()
    {
        var line = Log(log => log.CreateLogger("connections")
            .ConnectionFailed("abc-7", new InvalidOperationException("broken", new IOException("inner"))));

        Assert.StartsWith("2026-11-20T23:10:00.123Z error connections: connection abc-7 ended by a defect in the proxy "
            + "| System.InvalidOperationException: broken |  ---> ",
            line, StringComparison.Ordinal);
        Assert.Equal(1, line.Count(letter => letter == '\n'));
    }

    [Fact]
    public void Event_ids_are_unique_and_belong_to_a_room()
    {
        const BindingFlags Declared =
            BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        var ids = typeof(ProxyLog).Assembly.GetTypes().SelectMany(type => type.GetMethods(Declared))
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>())
                .OfType<LoggerMessageAttribute>().Select(message => message.EventId).ToList();

        Assert.NotEmpty(ids);
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.All(ids, id => Assert.InRange(id, 100, 999));
    }

    private string Log(Action<ProcessLogProvider> write)
    {
        var path = _directory.File("process.log");
        using (var log = new ProcessLogProvider(path, new FixedTime(new DateTimeOffset(2026, 11, 20, 23, 10, 0, 123, TimeSpan.Zero))))
        {
            write(log);
        }
        return File.ReadAllText(path);
    }
}
