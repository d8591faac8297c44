using System.Net;
using L4Proxy.Transport.Hosting;
using Microsoft.AspNetCore.Connections;

namespace L4Proxy.Transport.Tests.Kestrel;

public sealed class BindingTests
{
    [Theory]
    [InlineData(1, "127.0.0.1")]
    [InlineData(2, "127.0.0.1")]
    [InlineData(1, "::")]
    [InlineData(2, "::")]
    public async Task A_taken_address_is_refused_with_any_number_of_loops(int loops, string address)
    {
        using var own = new EventLoops(new TransportSettings { Loops = loops });
        await using var first = await BindAsync(own, new LoopEndPoint(new IPEndPoint(IPAddress.Parse(address), 0)));
        var taken = Assert.IsType<LoopEndPoint>(first.EndPoint);

        using var others = new EventLoops(new TransportSettings { Loops = loops });
        var error = await Assert.ThrowsAsync<AddressInUseException>(async () => await BindAsync(others, taken));

        Assert.Contains(taken.ToString(), error.Message, StringComparison.Ordinal);
        Assert.Contains("choose another port", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_is_free_again_once_its_listener_is_unbound()
    {
        using var loops = new EventLoops(new TransportSettings { Loops = 2 });
        EndPoint address;
        await using (var first = await BindAsync(loops, new LoopEndPoint(new IPEndPoint(IPAddress.Loopback, 0))))
        {
            address = first.EndPoint;
            await first.UnbindAsync();
            Assert.Null(await first.AcceptAsync());
        }
        await using var second = await BindAsync(loops, address);
        Assert.Equal(address.ToString(), second.EndPoint.ToString());
    }

    [Fact]
    public async Task An_address_of_another_host_is_refused_in_words()
    {
        using var loops = new EventLoops(new TransportSettings());
        var error = await Assert.ThrowsAsync<IOException>(
            async () => await BindAsync(loops, new LoopEndPoint(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 0))));
        Assert.Contains("no such address", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_its_own_kind_of_endpoint_is_claimed()
    {
        using var loops = new EventLoops(new TransportSettings());
        var factory = new LoopTransportFactory(loops);
        Assert.True(factory.CanBind(new LoopEndPoint(new IPEndPoint(IPAddress.Loopback, 0))));
        Assert.False(factory.CanBind(new IPEndPoint(IPAddress.Loopback, 0)));
        await Assert.ThrowsAsync<NotSupportedException>(async () => await factory.BindAsync(new IPEndPoint(IPAddress.Loopback, 0)));
    }

    private static ValueTask<IConnectionListener> BindAsync(EventLoops loops, EndPoint endPoint) =>
        new LoopTransportFactory(loops).BindAsync(endPoint);
}
