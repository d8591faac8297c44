using System.Runtime.ExceptionServices;
using L4Proxy.Transport.Tests.Harness;

namespace L4Proxy.Transport.Tests.Endings;

public sealed class ResetStormTests
{
    [Fact]
    public void Two_thousand_resets_at_once_raise_no_exception_on_the_loop()
    {
        using var loop = new TestLoop();
        var thrown = 0;
        void Count(object? sender, FirstChanceExceptionEventArgs e)
        {
            if (loop.Loop.IsCurrent)
            {
                thrown++;
            }
        }
        var pairs = Enumerable.Range(0, 2000).Select(_ => loop.Connect()).ToArray();
        AppDomain.CurrentDomain.FirstChanceException += Count;
        try
        {
            for (var i = 0; i < pairs.Length; i++)
            {
                (i % 2 == 0 ? pairs[i].Client : pairs[i].Server).Reset();
            }
            for (var i = 0; i < pairs.Length; i++)
            {
                Assert.Equal(i % 2 == 0 ? SpliceEnd.DownstreamFailed : SpliceEnd.UpstreamFailed, pairs[i].End().End);
            }
        }
        finally
        {
            AppDomain.CurrentDomain.FirstChanceException -= Count;
        }
        Assert.Equal(0, loop.On(_ => thrown));
        foreach (var pair in pairs)
        {
            pair.Dispose();
        }
    }
}
