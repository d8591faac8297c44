namespace L4Proxy.Transport.Tls;

/// <summary>
/// TLS in, plaintext out. Records are decrypted straight into the loop's scratch buffer, as many as have arrived, and sent from it in
/// one call; while nothing arrives, neither we nor SslStream hold a buffer.
/// </summary>
internal sealed class DecryptPump(Splice splice, Flow flow, TlsSession tls) : Pump(splice, flow)
{
    /// <summary>Most that one record can hold (RFC 8446 §5.1): with less room left we send first.</summary>
    private const int MaxRecord = 16 * 1024;

    public override void Advance() => _ = RunAsync();

    public override void Release() => tls.ReleaseSoon();

    protected override void OnStopped(bool clean)
    {
        // Whatever it waits for fails as soon as the splice has closed the legs.
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
        var scratch = Source.Loop.Scratch;
        var filled = 0;
        try
        {
            var budget = Source.Loop.Settings.TurnBudget;
            while (true)
            {
                // Completes when there is something to decrypt, and holds no buffer until then. What we have is sent before we wait.
                var arrival = tls.Stream.ReadAsync(Memory<byte>.Empty);
                if (filled > 0 && (!arrival.IsCompleted || scratch.Length - filled < MaxRecord))
                {
                    var giving = filled;
                    filled = 0;
                    if (!await GiveAsync(scratch, giving))
                    {
                        _ = ForgetAsync(arrival);
                        return PumpEnd.DestinationFailed;
                    }
                    budget -= giving;
                }
                await arrival;
                if (Destination.HasFailed)
                {
                    return PumpEnd.DestinationFailed;
                }
                if (budget <= 0 && filled == 0)
                {
                    await Source.Loop.YieldAsync();
                    budget = Source.Loop.Settings.TurnBudget;
                }
                var read = tls.Stream.ReadAsync(scratch.AsMemory(filled));
                if (!read.IsCompleted)
                {
                    // The scratch buffer is everybody's between turns. SslStream has just said that it need not wait.
                    throw new InvalidOperationException("SslStream waits for bytes it has announced");
                }
                var count = await read;
                if (count == 0)
                {
                    return filled > 0 && !await GiveAsync(scratch, filled) ? PumpEnd.DestinationFailed
                        : tls.SawEnd ? PumpEnd.SourceTruncated
                        : PumpEnd.EndOfStream;
                }
                filled += count;
            }
        }
        catch (Exception failure)
        {
            // What was decrypted before the failure is the destination's, as it would be without TLS.
            if (filled > 0 && !await GiveAsync(scratch, filled))
            {
                return PumpEnd.DestinationFailed;
            }
            return tls.EndOf(failure, readsFrom: Source, other: Destination, PumpEnd.SourceFailed, PumpEnd.DestinationFailed);
        }
    }

    /// <summary>Sends what is in the scratch buffer; what the destination does not take at once moves to a rented one meanwhile.</summary>
    /// <returns>False: the destination has failed.</returns>
    private ValueTask<bool> GiveAsync(byte[] scratch, int count)
    {
        var given = Destination.TrySend(scratch.AsSpan(0, count));
        Account(given.Bytes, spliced: false);
        if (given.Bytes == count)
        {
            return new ValueTask<bool>(true);
        }
        return given.Error != Native.Errno.None ? new ValueTask<bool>(false) : GiveRestAsync(scratch.AsSpan(given.Bytes, count - given.Bytes));
    }

    private ValueTask<bool> GiveRestAsync(ReadOnlySpan<byte> rest)
    {
        var held = Source.Loop.Buffers.Rent();
        rest.CopyTo(held);
        return GiveHeldAsync(held, rest.Length);
    }

    private async ValueTask<bool> GiveHeldAsync(byte[] held, int count)
    {
        var start = 0;
        while (start < count && End == PumpEnd.None && !Destination.HasFailed)
        {
            await Destination.WritableAsync();
            var given = Destination.TrySend(held.AsSpan(start, count - start));
            Account(given.Bytes, spliced: false);
            start += given.Bytes;
        }
        Source.Loop.Buffers.Return(held);
        return start == count;
    }

    /// <summary>The legs are about to be closed, which ends the wait; its failure is not news.</summary>
    private static async Task ForgetAsync(ValueTask<int> arrival)
    {
        try
        {
            await arrival;
        }
        catch (Exception)
        {
            // The connection has its reason already.
        }
    }
}
