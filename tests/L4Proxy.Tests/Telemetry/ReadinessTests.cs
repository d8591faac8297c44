using L4Proxy.Telemetry;

namespace L4Proxy.Tests.Telemetry;

public sealed class ReadinessTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Each_turn_is_logged_once_with_its_reasons()
    {
        var path = _directory.File("process.log");
        using (var log = new ProcessLogProvider(path, TimeProvider.System))
        {
            var readiness = new Readiness(log.CreateLogger("readiness"));
            var listeners = readiness.Add("listeners", "not bound yet");
            var draining = readiness.Add("draining", failing: null);
            listeners.Ok();
            listeners.Ok("again");
            draining.Failing("SIGTERM");
            listeners.Failing("closed");
        }

        var lines = File.ReadAllLines(path);
        Assert.Equal(2, lines.Length);
        Assert.EndsWith("Z info  readiness: ready", lines[0], StringComparison.Ordinal);
        Assert.EndsWith("Z warn  readiness: not ready: draining: SIGTERM", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Conditions_set_from_many_threads_end_in_the_state_of_the_conditions()
    {
        using var log = new ProcessLogProvider("/dev/null", TimeProvider.System);
        var readiness = new Readiness(log.CreateLogger("readiness"));
        Parallel.For(0, 8, number =>
        {
            var condition = readiness.Add($"condition{number}", "starting");
            for (var i = 0; i < 1_000; i++)
            {
                condition.Failing("flapping");
                condition.Ok();
            }
        });

        Assert.Equal(8, readiness.Conditions.Length);
        Assert.True(readiness.IsReady);
    }
}
