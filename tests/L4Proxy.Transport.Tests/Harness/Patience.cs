namespace L4Proxy.Transport.Tests.Harness;

/// <summary>How long a test waits for a state before it says that the state never came. The only duration a test may fail on.</summary>
internal static class Patience
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public const int Milliseconds = 30_000;
}
