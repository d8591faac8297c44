using System.Diagnostics;
using System.Globalization;
using System.Net;
using L4Proxy.Transport.Tests.Harness;

namespace L4Proxy.Transport.Tests.Accepting;

/// <summary>An <see cref="EchoProcess"/> under a low limit of descriptors: the limit is the process's, so the test's own is left alone.</summary>
internal sealed class StarvedProxy : IDisposable
{
    private readonly Process _process;

    public StarvedProxy(int descriptors)
    {
        // The runtime raises its soft limit to the hard one, so the shell lowers both.
        var start = new ProcessStartInfo("/bin/sh")
        {
            ArgumentList = { "-c", $"ulimit -n {descriptors.ToString(CultureInfo.InvariantCulture)} && exec dotnet \"$0\"", typeof(Program).Assembly.Location },
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        _process = Process.Start(start)!;
        Address = new IPEndPoint(IPAddress.Loopback, int.Parse(ReadLine(), CultureInfo.InvariantCulture));
    }

    public IPEndPoint Address { get; }

    public Numbers Measure(int milliseconds, Action meanwhile)
    {
        _process.StandardInput.WriteLine(milliseconds.ToString(CultureInfo.InvariantCulture));
        meanwhile();
        return Numbers.Parse(ReadLine());
    }

    private string ReadLine() =>
        _process.StandardOutput.ReadLineAsync().WaitAsync(Patience.Limit).GetAwaiter().GetResult()
            ?? throw new InvalidOperationException("the process ended");

    public bool IsAlive => !_process.HasExited;

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit(Patience.Milliseconds);
        _process.Dispose();
    }
}
