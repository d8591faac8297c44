namespace L4Proxy.Tests.Tls;

/// <summary>Remembers every byte that goes through it, and sends the first ones as late and as slowly as it is told.</summary>
internal sealed class RecordedStream(Stream inner) : Stream
{
    private readonly MemoryStream _written = new();
    private readonly MemoryStream _heard = new();

    /// <summary>How long before the first byte; zero for at once.</summary>
    public TimeSpan Before { get; init; }

    /// <summary>How many of the first bytes go one by one, <see cref="Between"/> apart.</summary>
    public int OneByOne { get; init; }
    public TimeSpan Between { get; init; }

    /// <summary>When the first write was over, as a timestamp; 0 until then.</summary>
    public long FirstWrittenAt { get; private set; }

    public byte[] Written => _written.ToArray();
    public byte[] Heard => _heard.ToArray();

    public override bool CanRead => true;
    public override bool CanWrite => true;
    public override bool CanSeek => false;
    public override long Length => throw new NotSupportedException();
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var length = await inner.ReadAsync(buffer, cancellationToken);
        _heard.Write(buffer.Span[..length]);
        return length;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_written.Length == 0 && Before > TimeSpan.Zero)
        {
            await OneTickAsync(Before, cancellationToken);
        }
        for (; _written.Length < OneByOne && buffer.Length > 0; buffer = buffer[1..])
        {
            await inner.WriteAsync(buffer[..1], cancellationToken);
            _written.Write(buffer.Span[..1]);
            await OneTickAsync(Between, cancellationToken);
        }
        _written.Write(buffer.Span);
        await inner.WriteAsync(buffer, cancellationToken);
        if (FirstWrittenAt == 0)
        {
            FirstWrittenAt = TimeProvider.System.GetTimestamp();
        }
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override void Flush()
    {
        // Nothing is kept back.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }
        base.Dispose(disposing);
    }

    // The pace of a slow peer is what is tested; nobody waits here for something else to happen.
    private static async Task OneTickAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(time);
        await timer.WaitForNextTickAsync(cancellationToken);
    }
}
