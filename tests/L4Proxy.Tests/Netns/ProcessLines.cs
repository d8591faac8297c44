namespace L4Proxy.Tests.Netns;

/// <summary>Collects what a process writes, line by line, for those who wait for something to be said.</summary>
internal sealed class ProcessLines
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ProcessLines(TextReader reader) => _ = Task.Run(() => ReadAsync(reader));

    /// <summary>Everything so far.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_gate)
            {
                return [.. _lines];
            }
        }
    }

    public override string ToString() => string.Join('\n', Lines);

    /// <summary>Every line so far, once they are enough; asked again after each line.</summary>
    public async Task<IReadOnlyList<string>> WaitForAsync(Func<IReadOnlyList<string>, bool> enough, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task more;
            lock (_gate)
            {
                if (enough(_lines))
                {
                    return [.. _lines];
                }

                more = _more.Task;
            }

            await more.WaitAsync(cancellationToken);
        }
    }

    private async Task ReadAsync(TextReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            TaskCompletionSource waiting;
            lock (_gate)
            {
                _lines.Add(line);
                waiting = _more;
                _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            waiting.SetResult();
        }
    }
}
