using System.Diagnostics.Tracing;

namespace L4Proxy.Transport.Tests.Harness;

/// <summary>Counts what the code on a loop's thread takes from the shared array pool and gives back, from the pool's own events.</summary>
internal sealed class RentedArrays : EventListener
{
    private const int BufferRented = 1;
    private const int BufferReturned = 3;

    // Not set yet when the base's constructor shows the sources that exist already.
    private readonly TestLoop? _loop;
    private int _now;
    private int _ever;

    public RentedArrays(TestLoop loop)
    {
        _loop = loop;
        foreach (var source in EventSource.GetSources().Where(static source => source.Name == "System.Buffers.ArrayPoolEventSource"))
        {
            EnableEvents(source, EventLevel.Verbose);
        }
    }

    /// <summary>Taken and not given back.</summary>
    public int Now => Volatile.Read(ref _now);

    public int Ever => Volatile.Read(ref _ever);

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        // Events are written on the thread that rents.
        if (_loop is not { Loop.IsCurrent: true })
        {
            return;
        }
        switch (eventData.EventId)
        {
            case BufferRented:
                _now++;
                _ever++;
                break;
            case BufferReturned:
                _now--;
                break;
        }
    }
}
