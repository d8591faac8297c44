using System.Globalization;
using System.Net;
using L4Proxy.Transport.Hosting;
using L4Proxy.Transport.Tests.Harness;

namespace L4Proxy.Transport.Tests.Accepting;

/// <summary>An acceptor and its loop in a process of their own. Says its port, then answers each line of its input with its numbers.</summary>
internal static class EchoProcess
{
    public static async Task RunAsync(TextReader input, TextWriter output)
    {
        var settings = new TransportSettings();
        using var loops = new EventLoops(settings);
        var loop = loops.All[0];
        var listener = ListeningSocket.Open(new LoopEndPoint(new IPEndPoint(IPAddress.Loopback, 0)), share: false, settings);
        var acceptor = new Acceptor(loop, listener, Serve, error => Environment.FailFast($"the acceptor died: {error}"));
        loop.Post(static acceptor => ((Acceptor)acceptor!).Start(), acceptor);
        await output.WriteLineAsync(acceptor.LocalEndPoint!.Port.ToString(CultureInfo.InvariantCulture));
        await output.FlushAsync();
        while (await input.ReadLineAsync() is { } milliseconds)
        {
            var before = (loop.Counters.AcceptsBackedOff, Environment.CpuUsage.TotalTime);
            await AfterAsync(loop, int.Parse(milliseconds, CultureInfo.InvariantCulture));
            var numbers = new Numbers(
                loop.Counters.AcceptsBackedOff - before.AcceptsBackedOff,
                (Environment.CpuUsage.TotalTime - before.TotalTime).TotalMilliseconds,
                loop.Counters.AcceptsBackedOff);
            await output.WriteLineAsync(numbers.ToLine());
            await output.FlushAsync();
        }
    }

    private static void Serve(Leg leg, IPEndPoint peer)
    {
        leg.Enter();
        _ = Echo.RunAsync(leg);
    }

    /// <summary>How long to measure is the loop's own time.</summary>
    private static Task AfterAsync(EventLoop loop, int milliseconds)
    {
        var fired = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(_ => loop.Timers.Set(new LoopTimer(_ => fired.SetResult(), null), loop.Now + milliseconds), null);
        return fired.Task;
    }
}

/// <summary>What the process did within the asked time, and since its start.</summary>
internal readonly record struct Numbers(long BackedOff, double CpuMilliseconds, long BackedOffInAll)
{
    public string ToLine() => string.Create(CultureInfo.InvariantCulture, $"{BackedOff} {CpuMilliseconds:F1} {BackedOffInAll}");

    public static Numbers Parse(string line)
    {
        var fields = line.Split(' ');
        return new Numbers(
            long.Parse(fields[0], CultureInfo.InvariantCulture),
            double.Parse(fields[1], CultureInfo.InvariantCulture),
            long.Parse(fields[2], CultureInfo.InvariantCulture));
    }
}
