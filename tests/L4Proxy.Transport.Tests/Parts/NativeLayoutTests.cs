using System.Net;
using System.Runtime.InteropServices;
using L4Proxy.Transport.Native;

namespace L4Proxy.Transport.Tests.Parts;

public sealed class NativeLayoutTests
{
    [Theory]
    [InlineData("0.0.0.0", 0)]
    [InlineData("127.0.0.1", 80)]
    [InlineData("203.0.113.255", 65535)]
    [InlineData("::", 0)]
    [InlineData("::1", 15001)]
    [InlineData("2001:db8::ff:0:1", 443)]
    [InlineData("fe80::1%3", 8080)]
    public void An_address_survives_the_way_to_the_kernel_and_back(string address, int port)
    {
        var endPoint = new IPEndPoint(IPAddress.Parse(address), port);
        Span<byte> buffer = stackalloc byte[Native.SocketAddress.MaxLength];
        var length = Native.SocketAddress.Write(endPoint, buffer);
        Assert.Equal(endPoint, Native.SocketAddress.Read(buffer[..length]));
    }

    [Fact]
    public void A_mapped_address_is_read_as_the_ipv4_it_is()
    {
        Span<byte> buffer = stackalloc byte[Native.SocketAddress.MaxLength];
        Native.SocketAddress.Write(new IPEndPoint(IPAddress.Parse("::ffff:192.0.2.7"), 5), buffer);
        Assert.Equal(new IPEndPoint(IPAddress.Parse("192.0.2.7"), 5), Native.SocketAddress.Read(buffer));
    }

    [Fact]
    public void What_is_no_internet_address_is_none()
    {
        Assert.Null(Native.SocketAddress.Read(stackalloc byte[Native.SocketAddress.MaxLength]));
        Assert.Null(Native.SocketAddress.Read(default));
        // An IPv6 family in a buffer that only an IPv4 address fits.
        Assert.Null(Native.SocketAddress.Read([Constants.AF_INET6, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
    }

    [Fact]
    public unsafe void Events_lie_as_this_architecture_packs_them()
    {
        var (size, dataAt) = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? (12, 4) : (16, 8);
        using var events = new EpollEvents(2);
        *(uint*)(events.Pointer + size) = Constants.EPOLLIN;
        *(ulong*)(events.Pointer + size + dataAt) = 0x1122_3344_5566_7788;
        Assert.Equal((0u, 0ul), (events.Mask(0), events.Data(0)));
        Assert.Equal((Constants.EPOLLIN, 0x1122_3344_5566_7788ul), (events.Mask(1), events.Data(1)));
    }

    // What the kernel writes is the judge of the layout: several events in one wait, each with its own tag.
    [Fact]
    public unsafe void The_kernel_gives_back_the_tags_it_was_given()
    {
        var epoll = Libc.EpollCreate(Constants.EPOLL_CLOEXEC);
        var descriptors = Enumerable.Range(0, 3).Select(_ => Libc.EventFd(1, Constants.EFD_CLOEXEC)).ToArray();
        using var events = new EpollEvents(8);
        for (var i = 0; i < descriptors.Length; i++)
        {
            Assert.Equal(Errno.None, EpollEvents.Add(epoll, descriptors[i], Constants.EPOLLIN, 0xABCD_0000_0000_0000ul + (uint)i));
        }
        Assert.Equal(3, Libc.EpollWait(epoll, events.Pointer, events.Capacity, 0));
        Assert.Equal([0xABCD_0000_0000_0000ul, 0xABCD_0000_0000_0001ul, 0xABCD_0000_0000_0002ul],
            Enumerable.Range(0, 3).Select(events.Data).Order());
        Assert.All(Enumerable.Range(0, 3), i => Assert.Equal(Constants.EPOLLIN, events.Mask(i)));
        Array.ForEach([.. descriptors, epoll], Sockets.Close);
    }
}
