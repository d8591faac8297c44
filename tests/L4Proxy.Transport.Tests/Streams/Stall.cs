using L4Proxy.Transport.Tests.Harness;

namespace L4Proxy.Transport.Tests.Streams;

/// <summary>A sender that sends all it can toward a reader that does not read.</summary>
internal static class Stall
{
    /// <summary>Sends until neither the kernel nor the proxy has taken another byte for several slots of the wheel.</summary>
    public static void Fill(SplicedPair pair, Flow flow)
    {
        var source = pair.Along(flow).Source;
        for (var quiet = 0; quiet < 4; quiet++)
        {
            var before = (source.Sent, pair.Moved());
            source.SendUntilRefused();
            pair.Loop.AfterTimer(1);
            if (before != (source.Sent, pair.Moved()))
            {
                quiet = 0;
            }
        }
    }
}
