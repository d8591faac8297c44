namespace L4Proxy.Tests.Tls.Captured;

/// <summary>One connection as the application beside the proxy met it.</summary>
/// <param name="From">Who called, by address.</param>
internal sealed record Visit(string From)
{
    private readonly TaskCompletionSource<(byte[] Heard, byte[] Said)> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Every byte of the connection, once it is over.</summary>
    public Task<(byte[] Heard, byte[] Said)> Bytes => _done.Task;

    public void End(RecordedStream wire) => _done.TrySetResult((wire.Heard, wire.Written));
}
