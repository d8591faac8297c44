using System.Globalization;
using L4Proxy.Tests.Netns;

namespace L4Proxy.Tests.Running;

[Collection(RunningCollection.Name)]
public sealed class WaitTests
{
    [Fact]
    public async Task Wait_ends_with_0_once_the_proxy_is_ready_and_with_1_and_the_reason_when_it_is_not()
    {
        await using var backend = Backend.Echo();
        var file = new ProxyFile(backend.Address);
        var waiting = Task.Run(() => Wait("30s", file.Health));
        Assert.Equal((1, $"l4proxy wait: not ready after 300ms: 127.0.0.1:{file.Health}: Connection refused\n"), Wait("300ms", file.Health));
        Assert.False(waiting.IsCompleted);

        await using var proxy = await RunningProxy.StartAsync(file);

        Assert.Equal((0, ""), await waiting);
        await proxy.EndAsync();
    }

    private static (int ExitCode, string All) Wait(string timeout, int port)
    {
        var answer = CommandLine.Run("", PublishedBinary.Path, "wait", "--timeout", timeout, "--health-port", port.ToString(CultureInfo.InvariantCulture));
        return (answer.ExitCode, answer.All);
    }
}
