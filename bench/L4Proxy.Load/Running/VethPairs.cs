using System.Diagnostics;
using System.Net;
using L4Proxy.Load.Wire;

namespace L4Proxy.Load.Running;

/// <summary>
/// Three network namespaces in a row, generator – contender – server, joined by veth pairs with an MTU of 1500 and the kernel's default
/// offloads, which is what two pods on one node have. Needs root.
/// </summary>
internal sealed class VethPairs : ITopology
{
    private const int Port = 20_000;

    private readonly string _generator = $"l4p-load-{Environment.ProcessId}-g";
    private readonly string _contender = $"l4p-load-{Environment.ProcessId}-c";
    private readonly string _server = $"l4p-load-{Environment.ProcessId}-s";

    internal VethPairs()
    {
        try
        {
            Create();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Description => "veth pairs, MTU 1500, default offloads, three network namespaces";

    public IReadOnlyList<string> ContenderPrefix => ["ip", "netns", "exec", _contender];

    public IReadOnlyList<IPAddress> Sources { get; } = [.. Enumerable.Range(101, 16).Select(last => new IPAddress([10, 77, 1, (byte)last]))];

    public IPEndPoint Listen(int index) => new(IPAddress.Parse("10.77.1.2"), Port + index);

    public IPEndPoint Upstream(int index) => new(new IPAddress([10, 77, 2, (byte)(index + 101)]), Port);

    public IPEndPoint Inside(int index, byte place) => new(new IPAddress([127, 0, place, (byte)(index + 1)]), Port);

    public void EnterContender() => Enter(_contender);

    public void EnterServer() => Enter(_server);

    public void EnterGenerator() => Enter(_generator);

    public void Dispose()
    {
        foreach (var name in new[] { _generator, _contender, _server }.Where(name => File.Exists(Handle(name))))
        {
            Ip("netns", "delete", name);
        }
    }

    private void Create()
    {
        foreach (var name in new[] { _generator, _contender, _server })
        {
            Ip("netns", "add", name);
            Ip("-n", name, "link", "set", "lo", "up");
            // The default reuses TIME_WAIT ports on loopback only; without this the contender runs out of ports within a run.
            Ip("netns", "exec", name, "sh", "-c", "echo 1 >/proc/sys/net/ipv4/tcp_tw_reuse");
        }
        Join(_generator, "10.77.1.1/24", _contender, "10.77.1.2/24", "load0");
        Join(_server, "10.77.2.1/24", _contender, "10.77.2.2/24", "load1");
        Ip("-n", _server, "route", "add", "default", "via", "10.77.2.2");
        Ip("-n", _generator, "route", "add", "default", "via", "10.77.1.2");
        Ip("netns", "exec", _contender, "sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward");
        for (var last = 101; last < 117; last++)
        {
            Ip("-n", _generator, "address", "add", $"10.77.1.{last}/24", "dev", "load0");
            Ip("-n", _server, "address", "add", $"10.77.2.{last}/24", "dev", "load1");
        }
    }

    private static void Join(string outer, string outerAddress, string middle, string middleAddress, string device)
    {
        Ip("link", "add", device, "netns", outer, "mtu", "1500", "type", "veth", "peer", "name", device, "netns", middle, "mtu", "1500");
        foreach (var (name, address) in new[] { (outer, outerAddress), (middle, middleAddress) })
        {
            Ip("-n", name, "address", "add", address, "dev", device);
            Ip("-n", name, "link", "set", device, "up");
        }
    }

    private static void Enter(string name)
    {
        var descriptor = Sockets.Checked(Libc.Open(Handle(name), Constants.CloseOnExec), $"opening {Handle(name)}");
        _ = Sockets.Checked(Libc.SetNamespace(descriptor, Constants.NetworkNamespace), "setns");
        _ = Libc.Close(descriptor);
    }

    private static string Handle(string name) => $"/run/netns/{name}";

    private static void Ip(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("ip", arguments) { UseShellExecute = false, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new LoadException($"'ip {string.Join(' ', arguments)}' failed: {error.Trim()} (--veth needs root)");
        }
    }
}
