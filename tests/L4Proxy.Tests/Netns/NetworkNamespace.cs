using System.Net.Sockets;

namespace L4Proxy.Tests.Netns;

/// <summary>
/// A network namespace of its own for one test, deleted with everything in it. Sockets are opened in it by a thread that enters it;
/// they stay there whoever uses them afterwards, so servers and clients of a test need no process of their own.
/// </summary>
internal sealed class NetworkNamespace : IDisposable
{
    public NetworkNamespace(string role)
    {
        Name = $"l4p-{Guid.NewGuid().ToString("N")[..8]}-{role}";
        CommandLine.MustRun("", "ip", "netns", "add", Name);
        Ip("link set lo up");
    }

    public string Name { get; }

    /// <summary>Lines for <c>ip -batch</c>, all of which must succeed.</summary>
    public void Ip(string lines) => CommandLine.MustRun(lines + "\n", "ip", "-n", Name, "-batch", "-");

    /// <summary>From now on whatever is sent to the address gets lost, without a word to the sender.</summary>
    public void Drop(string address)
    {
        var answer = RunWithInput(
            $"table ip lost {{ chain input {{ type filter hook input priority 0; ip daddr {address} drop; }}; }}\n", "nft", "-f", "-");
        Assert.True(answer.ExitCode == 0, answer.All);
    }

    public CommandAnswer Run(params IEnumerable<string> command) => CommandLine.Run("", "ip", ["netns", "exec", Name, .. command]);

    public CommandAnswer RunWithInput(string input, params IEnumerable<string> command) => CommandLine.Run(input, "ip", ["netns", "exec", Name, .. command]);

    public string MustRun(params IEnumerable<string> command) => CommandLine.MustRun("", "ip", ["netns", "exec", Name, .. command]);

    /// <summary>The command line of a process in here that runs as somebody else, without supplementary groups.</summary>
    public string[] As(uint uid, uint gid, params IEnumerable<string> command) =>
        ["ip", "netns", "exec", Name, "setpriv", $"--reuid={uid}", $"--regid={gid}", "--clear-groups", .. command];

    /// <summary>A socket of this namespace that belongs to the given user.</summary>
    public Socket Open(AddressFamily family, uint uid = 0, uint gid = 0, SocketType type = SocketType.Stream) =>
        Inside(() => new Socket(family, type, type == SocketType.Stream ? ProtocolType.Tcp : ProtocolType.Udp), uid, gid);

    /// <summary>Runs <paramref name="work"/> on a thread in here, which ends with it.</summary>
    public T Inside<T>(Func<T> work, uint uid = 0, uint gid = 0)
    {
        T result = default!;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                using var file = File.OpenHandle($"/run/netns/{Name}");
                ThreadSyscalls.EnterNetworkNamespace(file);
                ThreadSyscalls.ActAs(uid, gid);
                result = work();
            }
            catch (Exception thrown)
            {
                failure = thrown;
            }
        });
        thread.Start();
        thread.Join();
        return failure is null ? result : throw new InvalidOperationException($"In {Name} as {uid}:{gid}: {failure.Message}", failure);
    }

    public void Dispose() => CommandLine.Run("", "ip", "netns", "del", Name);
}
