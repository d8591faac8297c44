using System.Diagnostics;
using System.Globalization;
using L4Proxy.Tests.Netns;
using L4Proxy.Tests.Running;

namespace L4Proxy.Tests.Tls;

/// <summary>A program that is not ours at the other end of TLS; killed at the end of the test if it has not left by then.</summary>
internal sealed class ForeignProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ForeignProcess(Process process)
    {
        _process = process;
        Log = new LineFeed(process.StandardError);
    }

    /// <summary>What it says about itself.</summary>
    public LineFeed Log { get; }

    /// <summary>Its standard input and output, for programs that carry the bytes of their connection there.</summary>
    public Dialogue Dialogue => new(_process.StandardInput.BaseStream, _process.StandardOutput.BaseStream, _process.StandardInput.Close);

    public static ForeignProcess Start(string program, params IEnumerable<string> arguments) => new(CommandLine.Start(program, arguments));

    /// <summary>A server, once it listens.</summary>
    public static async Task<ForeignProcess> ListeningAsync(int port, string program, params IEnumerable<string> arguments)
    {
        var server = Start(program, arguments);
        try
        {
            await Patience.UntilAsync($"{program} listens on port {port}", () =>
            {
                Assert.False(server._process.HasExited, $"{program} ended: {string.Join('\n', server.Log.Lines)}");
                return Task.FromResult(Listens(port));
            });
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
        return server;
    }

    /// <summary>Its exit code, when it leaves by itself.</summary>
    public async Task<int> ExitCodeAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience.Limit);
        await Log.Ended;
        return _process.ExitCode;
    }

    public void Kill() => _process.Kill(entireProcessTree: true);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Kill();
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
    }

    // Asked of the kernel and not by connecting: a connection would be served. Columns of /proc/net/tcp: slot, local address, remote
    // address, state (0A = LISTEN).
    private static bool Listens(int port) => new[] { "/proc/net/tcp", "/proc/net/tcp6" }.SelectMany(File.ReadLines)
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Any(columns => columns[3] == "0A" && columns[1].EndsWith(string.Create(CultureInfo.InvariantCulture, $":{port:X4}"), StringComparison.Ordinal));
}
