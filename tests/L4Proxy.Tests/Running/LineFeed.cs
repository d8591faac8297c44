namespace L4Proxy.Tests.Running;

/// <summary>Lines of another process as they come.</summary>
internal sealed class LineFeed
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public LineFeed(TextReader reader) => Ended = ReadAsync(reader);

    /// <summary>Completes when the process has closed its end.</summary>
    public Task Ended { get; }

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

    /// <summary>The first line that contains <paramref name="text"/>, now or when it comes.</summary>
    public async Task<string> WaitForAsync(string text) =>
        (await WaitAsync(lines => lines.Any(line => line.Contains(text, StringComparison.Ordinal)), $"a line with '{text}'"))
            .First(line => line.Contains(text, StringComparison.Ordinal));

    /// <summary>All lines, once there are so many.</summary>
    public Task<IReadOnlyList<string>> WaitForCountAsync(int count) => WaitAsync(lines => lines.Count >= count, $"{count} lines");

    private async Task<IReadOnlyList<string>> WaitAsync(Func<IReadOnlyList<string>, bool> enough, string what)
    {
        using var limit = new CancellationTokenSource(Patience.Limit);
        while (true)
        {
            Task more;
            IReadOnlyList<string> lines;
            lock (_gate)
            {
                lines = [.. _lines];
                more = _more.Task;
            }
            if (enough(lines))
            {
                return lines;
            }
            var last = string.Join('\n', lines.TakeLast(20));
            Assert.False(Ended.IsCompleted, $"the process ended before {what} came; its last lines:\n{last}");
            try
            {
                await more.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"waited in vain for {what}; the last of {lines.Count} lines:\n{last}");
            }
        }
    }

    private async Task ReadAsync(TextReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_gate)
            {
                _lines.Add(line);
                _more.SetResult();
                _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
        lock (_gate)
        {
            _more.SetResult();
        }
    }
}
