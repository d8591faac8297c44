using L4Proxy.Transport.Tests.Harness;

namespace L4Proxy.Transport.Tests.Sequences;

/// <summary>What the two programs saw: bytes and how the stream ended, at the client and at the server.</summary>
internal readonly record struct Outcome(long ClientReceived, Ending ClientEnd, long ServerReceived, Ending ServerEnd)
{
    public static async Task<Outcome> OfAsync(Step[] steps, ScriptedPeer clientPeer, ScriptedPeer serverPeer)
    {
        var (client, server) = (new Side(clientPeer), new Side(serverPeer));
        foreach (var step in steps)
        {
            var (own, other) = step.ByClient ? (client, server) : (server, client);
            await PlayAsync(step, own, other);
        }
        // Whatever the steps left open: everybody reads on, and a connection that nobody reset is ended by both.
        var reset = client.WasReset || server.WasReset;
        foreach (var side in new[] { client, server })
        {
            side.Resume();
            if (!reset)
            {
                side.HalfClose();
            }
            side.Finish();
        }
        return new Outcome(client.Received, await EndAsync(client, server), server.Received, await EndAsync(server, client)) with
        {
            ClientReceived = client.Received,
            ServerReceived = server.Received,
        };
    }

    private static Task PlayAsync(Step step, Side own, Side other)
    {
        switch (step.Act)
        {
            case Act.Send:
                own.Send(step.Bytes);
                break;
            case Act.HalfClose:
                own.HalfClose();
                break;
            case Act.Reset:
                own.Reset();
                break;
            case Act.Stall:
                own.Stall();
                break;
            case Act.Resume:
                own.Resume();
                break;
            case Act.Read:
                return own.ReadAsync(step.Bytes, other);
        }
        return Task.CompletedTask;
    }

    /// <summary>Waits for a side's end and holds it to what its peer did: this is the whole contract.</summary>
    private static async Task<Ending> EndAsync(Side own, Side other)
    {
        if (own.WasReset)
        {
            return Ending.Reset;
        }
        var end = await own.EndAsync();
        Assert.True(own.Received <= other.Given, "more arrived than was sent");
        if (!other.WasReset)
        {
            Assert.Equal((Ending.Fin, other.Given), (end, own.Received));
            return end;
        }
        if (end == Ending.Fin)
        {
            // Only a FIN that was sent may be seen, and only after everything before it; the reset still reaches a writer.
            Assert.True(other.HalfClosed && own.Received == other.Given, $"a reset became a FIN after {own.Received} of {other.Given} bytes");
            if (!own.HalfClosed)
            {
                await own.SendUntilResetAsync();
            }
        }
        return Ending.Reset;
    }
}
