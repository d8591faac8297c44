using System.Net;
using System.Net.Sockets;
using L4Proxy.Commands;
using L4Proxy.Telemetry;
using L4Proxy.Tests.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;

namespace L4Proxy.Tests.Commands;

public sealed class WaitCommandTests
{
    private readonly Readiness _readiness = new(NullLogger.Instance);

    [Fact]
    public async Task It_returns_0_as_soon_as_the_proxy_turns_ready()
    {
        var listeners = _readiness.Add("listeners", "not bound yet");
        var health = new HealthEndpoints(_readiness);
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await OperatorHost.StartAsync(context =>
        {
            asked.TrySetResult();
            return health.InvokeAsync(context);
        });
        var waiting = Run("wait", "--timeout", "1m", "--health-port", Port(host));

        await asked.Task;
        Assert.False(waiting.IsCompleted);
        listeners.Ok();

        Assert.Equal((0, ""), await waiting);
    }

    [Fact]
    public async Task It_returns_1_with_the_last_reasons_when_time_is_up()
    {
        _readiness.Add("capture", "no rules");
        _readiness.Add("configuration", "not read yet");
        await using var host = await OperatorHost.StartAsync(new HealthEndpoints(_readiness).InvokeAsync);

        Assert.Equal((1, "l4proxy wait: not ready after 0s: capture: no rules; configuration: not read yet\n"),
            await Run("wait", "--timeout", "0s", "--health-port", Port(host)));
    }

    [Fact]
    public async Task It_says_when_nobody_listens()
    {
        using var bound = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        bound.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)bound.LocalEndPoint!).Port;

        Assert.Equal((1, $"l4proxy wait: not ready after 0s: 127.0.0.1:{port}: Connection refused\n"),
            await Run("wait", "--timeout", "0s", "--health-port", $"{port}"));
    }

    [Theory]
    [InlineData("60", "'60' has no unit; write 60s for seconds, or use ms, m or h")]
    [InlineData("s", "'s' is not a duration; write a whole number and one unit, such as 250ms, 5s, 1m or 1h")]
    [InlineData("-1s", "'-1s' is not a duration; write a whole number and one unit, such as 250ms, 5s, 1m or 1h")]
    [InlineData("1.5s", "'1.5s' is not a duration; write a whole number and one unit, such as 250ms, 5s, 1m or 1h")]
    [InlineData("99999999999s", "'99999999999s' is too long; timers stop at 49 days, so write at most 1176h")]
    public void A_timeout_that_is_no_duration_is_wrong_usage(string timeout, string wrong)
    {
        var error = Assert.Single(CommandTree.Create().Parse(["wait", "--timeout", timeout]).Errors);
        Assert.Equal($"--timeout: {wrong}", error.Message);
    }

    [Fact]
    public void A_port_out_of_range_is_wrong_usage() => Assert.Equal("--health-port: 70000 is not a port; give one from 1 to 65535",
        Assert.Single(CommandTree.Create().Parse(["wait", "--health-port", "70000"]).Errors).Message);

    private static string Port(OperatorHost host) => $"{host.Address.Port}";

    private static async Task<(int ExitCode, string Error)> Run(params string[] arguments)
    {
        using var error = new StringWriter();
        var exitCode = await CommandTree.Create().Parse(arguments).InvokeAsync(
            new System.CommandLine.InvocationConfiguration { Error = error });
        return (exitCode, error.ToString());
    }
}
