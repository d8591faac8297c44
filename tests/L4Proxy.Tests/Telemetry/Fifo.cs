using System.Diagnostics;

namespace L4Proxy.Tests.Telemetry;

/// <summary>A named pipe: a sink whose reader the test is.</summary>
internal static class Fifo
{
    public static void Make(string path)
    {
        using var mkfifo = Process.Start("mkfifo", [path]);
        mkfifo.WaitForExit();
        Assert.Equal(0, mkfifo.ExitCode);
    }
}
