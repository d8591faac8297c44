namespace L4Proxy.Transport.Tests.Harness;

/// <summary>The smallest handler there is: sends back what it gets.</summary>
internal static class Echo
{
    public static async Task RunAsync(Leg leg)
    {
        var buffer = leg.Loop.Scratch;
        while (true)
        {
            var taken = leg.TryReceive(buffer);
            if (taken.WouldBlock)
            {
                await leg.ReadableAsync();
                continue;
            }
            if (taken.Bytes == 0)
            {
                leg.Close(reset: !taken.IsEnd);
                return;
            }
            leg.TrySend(buffer.AsSpan(0, taken.Bytes));
        }
    }
}
