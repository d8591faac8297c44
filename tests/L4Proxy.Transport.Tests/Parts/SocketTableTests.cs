using L4Proxy.Transport.Native;

namespace L4Proxy.Transport.Tests.Parts;

public sealed class SocketTableTests : IDisposable
{
    private readonly int _epoll = Libc.EpollCreate(Constants.EPOLL_CLOEXEC);
    private readonly EpollEvents _events = new(16);
    private readonly List<int> _descriptors = [];

    [Fact]
    public void An_event_of_a_closed_socket_does_not_reach_the_one_that_took_its_slot()
    {
        var table = new SocketTable(_epoll);
        Assert.Equal(Errno.None, table.Add(new Named("first"), Descriptor(), out var slot));
        var stale = NextTag();
        table.Remove(slot);

        var second = new Named("second");
        Assert.Equal(Errno.None, table.Add(second, Descriptor(), out var reused));

        Assert.Equal(slot, reused);
        Assert.Null(table.Find(stale));
        Assert.Equal(1, table.Count);
    }

    [Fact]
    public void An_event_finds_its_socket_among_many()
    {
        var table = new SocketTable(_epoll);
        for (var i = 0; i < 200; i++)
        {
            Assert.Equal(Errno.None, table.Add(new Named("other"), Silent(), out _));
        }
        var wanted = new Named("wanted");
        Assert.Equal(Errno.None, table.Add(wanted, Descriptor(), out _));
        Assert.Same(wanted, table.Find(NextTag()));
        Assert.Equal(201, table.Count);
    }

    [Fact]
    public void The_tag_of_the_wake_descriptor_is_nobodys() => Assert.Null(new SocketTable(_epoll).Find(SocketTable.WakeTag));

    [Fact]
    public void A_descriptor_that_cannot_be_watched_leaves_no_trace()
    {
        var table = new SocketTable(_epoll);
        Assert.Equal(Errno.EBADF, table.Add(new Named("bad"), int.MaxValue, out var slot));
        Assert.Equal(-1, slot);
        Assert.Equal(0, table.Count);
    }

    /// <summary>An eventfd that is readable at once.</summary>
    private int Descriptor() => Keep(Libc.EventFd(1, Constants.EFD_CLOEXEC | Constants.EFD_NONBLOCK));

    /// <summary>An epoll that watches nothing never has news.</summary>
    private int Silent() => Keep(Libc.EpollCreate(Constants.EPOLL_CLOEXEC));

    private int Keep(int descriptor)
    {
        Assert.True(descriptor >= 0);
        _descriptors.Add(descriptor);
        return descriptor;
    }

    private unsafe ulong NextTag()
    {
        Assert.Equal(1, Libc.EpollWait(_epoll, _events.Pointer, _events.Capacity, 0));
        return _events.Data(0);
    }

    public void Dispose()
    {
        _descriptors.ForEach(Sockets.Close);
        Sockets.Close(_epoll);
        _events.Dispose();
    }

    private sealed class Named(string name) : LoopSocket
    {
        public override string ToString() => name;

        internal override void OnEvents(uint events)
        {
        }

        internal override void OnLoopEnded()
        {
        }
    }
}
