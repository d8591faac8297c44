using System.Net.Sockets;
using System.Threading.Channels;
using L4Proxy.Transport.Tests.Harness;

namespace L4Proxy.Transport.Tests.Sequences;

/// <summary>One side of a sequence: sends and reads on its own, in the background, as far as the steps allow.</summary>
internal sealed class Side
{
    private const int Fin = -1;

    private readonly Socket _socket;
    private readonly Channel<int> _toSend = Channel.CreateUnbounded<int>();
    private readonly Task _sending;
    private readonly Task<Ending> _reading;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _allowed = long.MaxValue;
    private long _received;
    private bool _sendFailed;

    public Side(ScriptedPeer peer)
    {
        _socket = peer.Socket;
        _sending = SendAsync();
        _reading = ReadAsync();
    }

    /// <summary>Bytes the steps gave this side to send.</summary>
    public long Given { get; private set; }
    public long Received => Interlocked.Read(ref _received);
    public bool HalfClosed { get; private set; }
    public bool WasReset { get; private set; }

    public void Send(int bytes)
    {
        if (!HalfClosed && !WasReset)
        {
            Given += bytes;
            _toSend.Writer.TryWrite(bytes);
        }
    }

    public void HalfClose()
    {
        if (!HalfClosed && !WasReset)
        {
            HalfClosed = true;
            _toSend.Writer.TryWrite(Fin);
        }
    }

    public void Reset()
    {
        if (!WasReset)
        {
            WasReset = true;
            _socket.LingerState = new LingerOption(enable: true, 0);
            _socket.Close();
            Changed();
        }
    }

    /// <summary>No more steps will come: the sender may finish.</summary>
    public void Finish() => _toSend.Writer.TryComplete();

    public void Stall() => Allow(Received);

    public void Resume() => Allow(long.MaxValue);

    /// <summary>Waits for more to arrive, as far as there is more to come.</summary>
    public async Task ReadAsync(int bytes, Side other)
    {
        if (WasReset || other.WasReset)
        {
            return;
        }
        var wanted = Math.Min(Received + bytes, other.Given);
        if (Interlocked.Read(ref _allowed) < wanted)
        {
            Allow(wanted);
        }
        await UntilAsync(() => Received >= wanted || _reading.IsCompleted);
    }

    /// <summary>How the connection ended for this side; not to be asked of one that reset it.</summary>
    public async Task<Ending> EndAsync()
    {
        var end = await _reading.WaitAsync(Patience.Limit);
        // The kernel tells of a reset once: if the sender took the error, the reader finds a mere end behind it.
        await _sending.WaitAsync(Patience.Limit);
        return _sendFailed ? Ending.Reset : end;
    }

    /// <summary>Sends until the reset is noticed.</summary>
    public async Task SendUntilResetAsync()
    {
        await _sending.WaitAsync(Patience.Limit);
        using var patience = new CancellationTokenSource(Patience.Limit);
        try
        {
            while (true)
            {
                await _socket.SendAsync(Pattern.At(Given, 1), SocketFlags.None, patience.Token);
            }
        }
        catch (SocketException)
        {
        }
    }

    private void Allow(long upTo)
    {
        Interlocked.Exchange(ref _allowed, upTo);
        Changed();
    }

    private void Changed() =>
        Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    private async Task UntilAsync(Func<bool> state)
    {
        while (true)
        {
            var changed = Volatile.Read(ref _changed).Task;
            if (state())
            {
                return;
            }
            await changed.WaitAsync(Patience.Limit);
        }
    }

    private async Task SendAsync()
    {
        var sent = 0L;
        try
        {
            await foreach (var bytes in _toSend.Reader.ReadAllAsync())
            {
                if (bytes == Fin)
                {
                    _socket.Shutdown(SocketShutdown.Send);
                    return;
                }
                for (var end = sent + bytes; sent < end;)
                {
                    sent += await _socket.SendAsync(Pattern.At(sent, (int)Math.Min(end - sent, Pattern.MaxChunk)), SocketFlags.None);
                }
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            _sendFailed = true;
        }
    }

    private async Task<Ending> ReadAsync()
    {
        var buffer = new byte[100_000];
        try
        {
            while (true)
            {
                await UntilAsync(() => Interlocked.Read(ref _allowed) > Received || WasReset);
                var room = (int)Math.Min(Math.Max(Interlocked.Read(ref _allowed) - Received, 1), buffer.Length);
                var taken = await _socket.ReceiveAsync(buffer.AsMemory(0, room), SocketFlags.None);
                if (taken == 0)
                {
                    return Ending.Fin;
                }
                Assert.True(Pattern.Fits(buffer.AsSpan(0, taken), Received), $"other bytes than sent arrived after {Received}");
                Interlocked.Add(ref _received, taken);
                Changed();
            }
        }
        catch (Exception error) when (error is SocketException { SocketErrorCode: not SocketError.TimedOut } or ObjectDisposedException)
        {
            return Ending.Reset;
        }
        finally
        {
            Changed();
        }
    }
}
