using System.Buffers;
using System.IO.Pipelines;

namespace L4Proxy.Explain;

/// <summary>The lines of a log of any size, in the memory of one.</summary>
internal static class LogLines
{
    /// <param name="log">Read to its end.</param>
    /// <param name="line">Gets each line that is not empty. One above <see cref="LoggedConnection.MaxBytes"/> comes empty: it is not one of ours.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public static async Task ReadAsync(Stream log, Action<ReadOnlySequence<byte>> line, CancellationToken cancellationToken)
    {
        var reader = PipeReader.Create(log, new StreamPipeReaderOptions(bufferSize: 256 * 1024, leaveOpen: true));
        var isTooLong = false;
        for (var isCompleted = false; !isCompleted;)
        {
            var read = await reader.ReadAsync(cancellationToken);
            var rest = read.Buffer;
            isCompleted = read.IsCompleted;
            while (rest.PositionOf((byte)'\n') is { } end)
            {
                Tell(rest.Slice(0, end), line, ref isTooLong);
                rest = rest.Slice(rest.GetPosition(1, end));
            }
            if (rest.Length > LoggedConnection.MaxBytes)
            {
                isTooLong = true;
                rest = rest.Slice(rest.End);
            }
            if (isCompleted && (rest.Length > 0 || isTooLong))
            {
                Tell(rest, line, ref isTooLong);
                rest = rest.Slice(rest.End);
            }
            reader.AdvanceTo(rest.Start, rest.End);
        }
        await reader.CompleteAsync();
    }

    private static void Tell(in ReadOnlySequence<byte> text, Action<ReadOnlySequence<byte>> line, ref bool isTooLong)
    {
        if (isTooLong || text.Length > LoggedConnection.MaxBytes)
        {
            line(ReadOnlySequence<byte>.Empty);
        }
        else if (text.Length > 0 && !(text.Length == 1 && text.FirstSpan[0] == (byte)'\r'))
        {
            line(text);
        }
        isTooLong = false;
    }
}
