using L4Proxy.Transport.Tests.Accepting;

namespace L4Proxy.Transport.Tests;

internal static class Program
{
    /// <summary>The test runner never comes here; <see cref="StarvedProxy"/> does, in its own process.</summary>
    public static Task Main() => EchoProcess.RunAsync(Console.In, Console.Out);
}
