using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace L4Proxy.Core.Tests.Detection;

/// <summary>A program of somebody else's, for one test. One that is not installed fails it.</summary>
internal sealed class Tool : IDisposable
{
    /// <summary>For what should never take this long.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Process _process;

    private Tool(Process process) => _process = process;

    public static Tool Start(string name, params string[] arguments) => new(Process.Start(new ProcessStartInfo(name, arguments)
    {
        UseShellExecute = false,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!);

    /// <summary>What arrives on a connection that <paramref name="connect"/> makes to a port of ours, until <paramref name="isEnough"/>.</summary>
    public static async Task<byte[]> RecordAsync(Func<int, IDisposable> connect, Func<byte[], bool> isEnough)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var peer = connect(((IPEndPoint)listener.LocalEndpoint).Port);
        using var connection = await listener.AcceptSocketAsync(patience.Token);
        var (arrived, buffer) = (Array.Empty<byte>(), new byte[32 * 1024]);
        while (!isEnough(arrived))
        {
            var count = await connection.ReceiveAsync(buffer, patience.Token);
            Assert.NotEqual(0, count);
            arrived = [.. arrived, .. buffer[..count]];
        }
        return arrived;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }
        _process.WaitForExit(Patience);
        _process.Dispose();
    }
}
