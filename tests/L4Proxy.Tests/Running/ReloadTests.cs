using System.Net.Sockets;

namespace L4Proxy.Tests.Running;

[Collection(RunningCollection.Name)]
public sealed class ReloadTests
{
    [Fact]
    public async Task A_changed_upstream_and_timeout_are_for_new_connections_and_established_ones_keep_theirs()
    {
        await using var before = new Backend();
        await using var after = new Backend();
        var file = new ProxyFile(before.Address) { Timeouts = "halfClose: 1m" };
        await using var proxy = await RunningProxy.StartAsync(file);
        using var old = await proxy.ConnectAsync();
        using var oldServer = await before.AcceptAsync();

        await proxy.ReloadAsync(file with { Upstream = after.Address, Timeouts = "halfClose: 200ms" }, "was read again: 2 keys differ");
        old.Shutdown(SocketShutdown.Send);
        Assert.Equal("FIN", await oldServer.EndAsync());
        using var young = await proxy.ConnectAsync();
        using var youngServer = await after.AcceptAsync();
        young.Shutdown(SocketShutdown.Send);
        Assert.Equal("halfCloseTimeout", (await proxy.EndingAsync()).GetProperty("reason").GetString());
        await oldServer.SayAsync("still there");
        await old.HearAsync("still there");
        oldServer.Dispose();
        Assert.Equal("FIN", await old.EndAsync());
        old.Dispose();

        Assert.Contains(proxy.ProcessLog.Lines, line =>
            line.Contains("timeouts.halfClose 1m -> 200ms: applies to new connections", StringComparison.Ordinal));
        await proxy.EndAsync();
    }

    [Fact]
    public async Task A_hang_up_signal_reads_a_file_that_no_watch_sees()
    {
        await using var backend = Backend.Echo();
        var file = new ProxyFile(backend.Address);
        await using var proxy = await RunningProxy.StartAsync(file);
        using var elsewhere = new Configuration.TemporaryDirectory();
        var target = elsewhere.File("l4proxy.yaml");
        await File.WriteAllTextAsync(target, (file with { Timeouts = "idle: 7s" }).Text);
        File.Delete(proxy.Path);
        File.CreateSymbolicLink(proxy.Path, target);
        await proxy.ProcessLog.WaitForAsync("timeouts.idle 0s -> 7s");

        await File.WriteAllTextAsync(target, (file with { Timeouts = "idle: 9s" }).Text);
        proxy.Signal("HUP");

        await proxy.ProcessLog.WaitForAsync("timeouts.idle 7s -> 9s");
        await proxy.EndAsync();
    }

    [Fact]
    public async Task A_bad_file_changes_nothing_and_is_told_until_it_is_repaired()
    {
        await using var backend = Backend.Echo();
        var file = new ProxyFile(backend.Address);
        await using var proxy = await RunningProxy.StartAsync(file);
        Assert.Equal(1, await proxy.MetricAsync("l4proxy_config_last_reload_success"));

        await proxy.ReloadAsync(file with { More = "helth: 1" }, "helth: unknown key; did you mean 'health'?");
        await proxy.MetricReachesAsync("l4proxy_config_last_reload_success", 0);
        var (code, text) = await proxy.GetAsync(file.Health, "/readyz?verbose");
        using (var client = await proxy.ConnectAsync())
        {
            await client.EchoAsync("as before");
        }

        Assert.Equal(System.Net.HttpStatusCode.OK, code);
        Assert.Matches(@"\[\+\]configuration ok: the file on disk is refused since .*l4proxy\.yaml:\d+:1: helth: unknown key", text);
        await proxy.ReloadAsync(file with { Timeouts = "idle: 8s" }, "timeouts.idle 0s -> 8s");
        await proxy.MetricReachesAsync("l4proxy_config_last_reload_success", 1);
        Assert.Contains("[+]configuration ok\n", (await proxy.GetAsync(file.Health, "/readyz?verbose")).Text, StringComparison.Ordinal);
        await proxy.EndAsync();
    }

    [Fact]
    public async Task A_key_that_needs_a_restart_is_a_warning()
    {
        await using var backend = Backend.Echo();
        var file = new ProxyFile(backend.Address);
        await using var proxy = await RunningProxy.StartAsync(file);

        await proxy.ReloadAsync(file with { More = "transport: {splice: off}" }, "transport.splice adaptive -> off");

        Assert.Contains(proxy.ProcessLog.Lines, line => line.EndsWith("transport.splice adaptive -> off: needs a restart, ignored until then", StringComparison.Ordinal)
            && line.Contains(" warn  ", StringComparison.Ordinal));
        await proxy.EndAsync();
    }
}
