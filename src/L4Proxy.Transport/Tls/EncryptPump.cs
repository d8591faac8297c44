namespace L4Proxy.Transport.Tls;

/// <summary>
/// Plaintext in, TLS out. What arrives in one read goes out as one packet where it fits: SslStream writes 32 KiB at a time, and the
/// kernel is told while more follows.
/// </summary>
internal sealed class EncryptPump(Splice splice, Flow flow, TlsSession tls) : Pump(splice, flow)
{
    /// <summary>
    /// Bytes SslStream encrypts with one call into two records and writes with one (measured on .NET 10); it has them all encrypted
    /// before it waits for the write, and then our buffer is free.
    /// </summary>
    private const int Chunk = 32 * 1024;

    private bool _writing;

    public override void Advance() => _ = RunAsync();

    protected override void OnStopped(bool clean)
    {
        // In the middle of a record there is no place for an alert, nor on the leg for a second writer: the peer sees that it was cut off.
        if (clean && !_writing)
        {
            _ = SayGoodbyeAsync();
        }
    }

    private async Task RunAsync()
    {
        var end = await MoveAsync();
        if (End == PumpEnd.None)
        {
            End = end;
            Ended();
        }
    }

    private async ValueTask<PumpEnd> MoveAsync()
    {
        try
        {
            var scratch = Source.Loop.Scratch;
            var budget = Source.Loop.Settings.TurnBudget;
            while (true)
            {
                if (Destination.HasFailed)
                {
                    return PumpEnd.DestinationFailed;
                }
                if (budget <= 0)
                {
                    await Source.Loop.YieldAsync();
                    budget = Source.Loop.Settings.TurnBudget;
                    continue;
                }
                var taken = Source.TryReceive(scratch);
                if (taken.WouldBlock)
                {
                    await Source.ReadableAsync();
                    continue;
                }
                if (taken.Error != Native.Errno.None)
                {
                    return PumpEnd.SourceFailed;
                }
                if (taken.IsEnd)
                {
                    // close_notify; the splice sends FIN after it, and the other way goes on.
                    await tls.Stream.ShutdownAsync();
                    return PumpEnd.EndOfStream;
                }
                await GiveAsync(scratch, taken.Bytes);
                budget -= taken.Bytes;
            }
        }
        catch (Exception failure)
        {
            return tls.EndOf(failure, readsFrom: Destination, other: Source, PumpEnd.DestinationFailed, PumpEnd.SourceFailed);
        }
    }

    private ValueTask GiveAsync(byte[] scratch, int count)
    {
        for (var start = 0; start < count; start += Chunk)
        {
            var length = Math.Min(Chunk, count - start);
            tls.Inner.MoreFollows = start + length < count;
            var write = tls.Stream.WriteAsync(scratch.AsMemory(start, length));
            if (!write.IsCompletedSuccessfully)
            {
                return GiveRestAsync(write, length, scratch.AsSpan(start + length, count - start - length));
            }
            Account(length, spliced: false);
        }
        return default;
    }

    private ValueTask GiveRestAsync(ValueTask write, int writing, ReadOnlySpan<byte> rest)
    {
        if (rest.IsEmpty)
        {
            return FinishAsync(write, writing, null, 0);
        }
        var held = Source.Loop.Buffers.Rent();
        rest.CopyTo(held);
        return FinishAsync(write, writing, held, rest.Length);
    }

    private async ValueTask FinishAsync(ValueTask write, int writing, byte[]? held, int count)
    {
        _writing = true;
        try
        {
            await write;
            Account(writing, spliced: false);
            for (var start = 0; start < count; start += Chunk)
            {
                var length = Math.Min(Chunk, count - start);
                tls.Inner.MoreFollows = start + length < count;
                await tls.Stream.WriteAsync(held.AsMemory(start, length));
                Account(length, spliced: false);
            }
        }
        finally
        {
            _writing = false;
            if (held is not null)
            {
                Source.Loop.Buffers.Return(held);
            }
        }
    }

    /// <summary>The splice closes an idle connection in order: 24 bytes for a kernel that has room, or not at all.</summary>
    private async Task SayGoodbyeAsync()
    {
        try
        {
            await tls.Stream.ShutdownAsync();
        }
        catch (Exception)
        {
            // Said already, or nobody is there any more.
        }
    }
}
