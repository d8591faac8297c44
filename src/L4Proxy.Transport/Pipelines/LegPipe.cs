using System.IO.Pipelines;

namespace L4Proxy.Transport.Pipelines;

/// <summary>A leg as a duplex pipe.</summary>
internal sealed class LegPipe(Leg leg) : IDuplexPipe, IAsyncDisposable
{
    public PipeReader Input => throw new NotSupportedException($"leg on loop {leg.Loop.Index} has no pipe yet");
    public PipeWriter Output => throw new NotSupportedException($"leg on loop {leg.Loop.Index} has no pipe yet");

    public ValueTask DisposeAsync() => default;
}
