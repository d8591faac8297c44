using System.Runtime.CompilerServices;
using L4Proxy.Transport.Native;

namespace L4Proxy.Transport.Tls;

/// <summary>
/// A leg as SslStream wants to see it. During the handshake SslStream runs on a handshake thread and every exchange hops to the leg's
/// loop and back; afterwards everything happens on the loop and nothing hops.
/// </summary>
/// <remarks>One read and one write at a time, as SslStream does it. The stream does not own the leg.</remarks>
internal sealed class LegStream(Leg leg, HandshakeThreads threads) : Stream
{
    /// <summary>A server's flight: its certificates, two of them with their extensions, take 1.2 to 3 KiB.</summary>
    private const int FlightBytes = 4096;

    private byte[]? _flight;
    private int _flightLength;
    private ReadOnlyMemory<byte> _arrived;
    private bool _onLoop;
    private bool _heardPeer;

    // Whether a read will find something: an edge has come, or the last read took all it had room for.
    private bool _expectsBytes;

    /// <summary>The peer sent FIN. Whether that was right is TLS' to say: SslStream answers 0 both for close_notify and for this.</summary>
    public bool SawEnd { get; private set; }

    /// <summary>More follows at once: the kernel is told to wait for it instead of sending a packet of its own (MSG_MORE).</summary>
    public bool MoreFollows { get; set; }

    /// <summary>What a peer that does not speak TLS sent first, up to 64 bytes; empty otherwise.</summary>
    public ReadOnlyMemory<byte> FirstBytes { get; private set; }

    public override bool CanRead => true;
    public override bool CanWrite => true;
    public override bool CanSeek => false;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The handshake is over and we are on the loop: what it still has to say is sent, and reads and writes stay here.</summary>
    public async ValueTask SettleAsync()
    {
        await SendFlightAsync();
        _flight = null;
        _onLoop = true;
    }

    /// <summary>
    /// On the loop, before the handshake begins: takes what has arrived, so that a server, whose client speaks first, need not come back
    /// for it.
    /// </summary>
    public void TakeFirstFlight()
    {
        var scratch = leg.Loop.Scratch;
        var taken = leg.TryReceive(scratch);
        Hear(scratch.AsSpan(0, taken.Bytes));
        _arrived = scratch.AsSpan(0, taken.Bytes).ToArray();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_onLoop)
        {
            // SslStream asks with an empty buffer first, to rent one when there are bytes; here it is about to get them anyway.
            return buffer.IsEmpty ? default : _arrived.IsEmpty ? ExchangeAsync(buffer) : new ValueTask<int>(TakeArrived(buffer.Span));
        }
        if (buffer.IsEmpty)
        {
            return _expectsBytes || leg.HasSomethingToRead() ? default : WaitAsync();
        }
        var taken = leg.TryReceive(buffer.Span);
        if (taken.Bytes > 0)
        {
            _expectsBytes = taken.Bytes == buffer.Length;
            return new ValueTask<int>(taken.Bytes);
        }
        return ReceiveAsync(buffer, taken);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_onLoop)
        {
            Keep(buffer.Span);
            return default;
        }
        var given = leg.TrySend(buffer.Span, MoreFollows);
        return given.Bytes == buffer.Length ? default : SendRestAsync(buffer, given);
    }

    /// <summary>Alerts, and nothing else, are written like this: kept for the next exchange, because the loop must not wait.</summary>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (_onLoop)
        {
            leg.TrySend(buffer);
        }
        else
        {
            Keep(buffer);
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
        // Nothing is held back: what the kernel did not take is still being written.
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ExchangeAsync(Memory<byte> buffer)
    {
        await leg.Loop.SwitchToAsync();
        await SendFlightAsync();
        var taken = leg.TryReceive(buffer.Span);
        while (taken.WouldBlock)
        {
            if (leg.Partner is { HasFailed: true } partner)
            {
                // Asked before every wait: it may have failed, and woken nobody, while a handshake thread was at work.
                taken = IoResult.Failed(partner.Error);
                break;
            }
            await leg.ReadableAsync();
            taken = leg.TryReceive(buffer.Span);
        }
        SawEnd |= taken.IsEnd;
        Hear(buffer.Span[..taken.Bytes]);
        var error = taken.Error;
        await threads.EnterAsync();
        return error == Errno.None ? taken.Bytes : throw Failure(error);
    }

    private int TakeArrived(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _arrived.Length);
        _arrived.Span[..count].CopyTo(buffer);
        _arrived = _arrived[count..];
        return count;
    }

    private void Hear(ReadOnlySpan<byte> bytes)
    {
        if (_heardPeer || bytes.IsEmpty)
        {
            return;
        }
        // Only the first read begins with a record; later ones may begin anywhere in one.
        _heardPeer = true;
        if (bytes[0] is not (>= 20 and <= 23))
        {
            FirstBytes = bytes[..Math.Min(bytes.Length, 64)].ToArray();
        }
    }

    /// <summary>Waits for bytes and takes none, so that nothing is rented meanwhile.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> WaitAsync()
    {
        await leg.ReadableAsync();
        ThrowIfPartnerFailed();
        _expectsBytes = true;
        return 0;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReceiveAsync(Memory<byte> buffer, IoResult taken)
    {
        while (taken.WouldBlock)
        {
            await leg.ReadableAsync();
            ThrowIfPartnerFailed();
            taken = leg.TryReceive(buffer.Span);
        }
        if (taken.Error != Errno.None)
        {
            throw Failure(taken.Error);
        }
        SawEnd |= taken.IsEnd;
        _expectsBytes = taken.Bytes == buffer.Length;
        return taken.Bytes;
    }

    private async ValueTask SendRestAsync(ReadOnlyMemory<byte> buffer, IoResult given)
    {
        while (true)
        {
            if (given.Error != Errno.None)
            {
                throw Failure(given.Error);
            }
            buffer = buffer[given.Bytes..];
            if (buffer.IsEmpty)
            {
                return;
            }
            await leg.WritableAsync();
            given = leg.TrySend(buffer.Span, MoreFollows);
        }
    }

    private async ValueTask SendFlightAsync()
    {
        if (_flightLength == 0)
        {
            return;
        }
        var flight = _flight.AsMemory(0, _flightLength);
        _flightLength = 0;
        var given = leg.TrySend(flight.Span);
        // A peer that is gone is found by the read that follows; here it must not hide the alert it may have sent before.
        if (given.Bytes < flight.Length && !leg.HasFailed)
        {
            await SendRestAsync(flight, given);
        }
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        _flight ??= new byte[Math.Max(FlightBytes, bytes.Length)];
        if (_flight.Length - _flightLength < bytes.Length)
        {
            Array.Resize(ref _flight, _flightLength + bytes.Length);
        }
        bytes.CopyTo(_flight.AsSpan(_flightLength));
        _flightLength += bytes.Length;
    }

    /// <summary>The other leg's failure wakes whoever reads this one, and there is nothing more to read it for.</summary>
    private void ThrowIfPartnerFailed()
    {
        if (leg.Partner is { HasFailed: true } partner)
        {
            throw Failure(partner.Error);
        }
    }

    private static IOException Failure(Errno error) => new($"the leg failed: {error}");
}
