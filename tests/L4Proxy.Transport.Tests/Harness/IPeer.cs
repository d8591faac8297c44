namespace L4Proxy.Transport.Tests.Harness;

/// <summary>A program at an end of a connection, whether it speaks TLS or not. Checks what it reads against the pattern.</summary>
internal interface IPeer : IDisposable
{
    long Sent { get; }
    long Received { get; }

    void Send(long bytes);

    /// <summary>Takes exactly so many bytes.</summary>
    void Receive(long bytes);

    Ending ReceiveSome(int atMost = Pattern.MaxChunk);

    Ending ReceiveToEnd();

    /// <summary>Ends its own direction in order: FIN, in TLS close_notify and FIN.</summary>
    void Fin();

    /// <summary>RST.</summary>
    void Reset();
}
