namespace L4Proxy.Transport;

/// <summary>
/// The splices of one loop that have just begun, oldest first. A splice gets keepalive on its upstream leg when it has lived for
/// 100 ms: five calls that a connection of one exchange never needs. One queue and one timer for all of them, because the delay is the
/// same for each; the downstream legs have inherited keepalive from their listener.
/// </summary>
internal sealed class YoungSplices
{
    private const int YoungMilliseconds = 100;

    private readonly Queue<(Splice Splice, long GrownUpAt)> _queue = new();
    private readonly EventLoop _loop;
    private readonly LoopTimer _timer;

    public YoungSplices(EventLoop loop)
    {
        _loop = loop;
        _timer = new LoopTimer(static splices => ((YoungSplices)splices!).GrowUp(), this);
    }

    public int Count => _queue.Count;

    public void Add(Splice splice)
    {
        _queue.Enqueue((splice, _loop.Now + YoungMilliseconds));
        if (!_timer.IsSet)
        {
            _loop.Timers.Set(_timer, _loop.Now + YoungMilliseconds);
        }
    }

    private void GrowUp()
    {
        while (_queue.TryPeek(out var oldest))
        {
            if (oldest.GrownUpAt > _loop.Now)
            {
                _loop.Timers.Set(_timer, oldest.GrownUpAt);
                return;
            }
            _queue.Dequeue().Splice.OnGrownUp();
        }
    }
}
