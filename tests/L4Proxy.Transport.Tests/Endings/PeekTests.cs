using L4Proxy.Transport.Native;
using L4Proxy.Transport.Tests.Harness;

namespace L4Proxy.Transport.Tests.Endings;

public sealed class PeekTests
{
    // The kernel reports an error once, to whichever call comes first, and an end of stream ever after.
    [Fact]
    public async Task A_reset_that_a_look_was_the_first_to_meet_is_not_mistaken_for_an_end_afterwards()
    {
        using var loop = new TestLoop();
        var results = new TaskCompletionSource<(Errno, Errno)>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var peer = new ScriptedPeer(new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp));
        loop.Expect(leg =>
        {
            leg.Enter();
            peer.Reset();
            var looked = leg.TryPeek(stackalloc byte[1]).Error;
            results.SetResult((looked, leg.TryReceive(stackalloc byte[1]).Error));
            leg.Close(reset: true);
            return Task.CompletedTask;
        });
        peer.Socket.Connect(loop.ClientAddress);

        Assert.Equal((Errno.ECONNRESET, Errno.ECONNRESET), await results.Task.WaitAsync(Patience.Limit));
    }
}
