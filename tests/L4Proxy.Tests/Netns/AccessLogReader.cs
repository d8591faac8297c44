using System.Net;
using System.Text.Json;

namespace L4Proxy.Tests.Netns;

/// <summary>One line of the access log, as far as these tests ask. Addresses are texts without brackets, the same for both families.</summary>
internal sealed record AccessLogEntry(string Direction, IPEndPoint Downstream, IPEndPoint? OriginalDestination, string Reason)
{
    public static AccessLogEntry Parse(string line)
    {
        using var json = JsonDocument.Parse(line);
        return new AccessLogEntry(
            json.RootElement.GetProperty("direction").GetString()!,
            IPEndPoint.Parse(json.RootElement.GetProperty("downstream").GetString()!),
            json.RootElement.TryGetProperty("originalDestination", out var destination) ? IPEndPoint.Parse(destination.GetString()!) : null,
            json.RootElement.GetProperty("reason").GetString()!);
    }

    /// <summary>Such as <c>inbound 10.77.0.2 8080 from 10.77.0.1 completed</c>.</summary>
    public override string ToString() => OriginalDestination is { } destination
        ? $"{Direction} {destination.Address} {destination.Port} from {Downstream.Address} {Reason}"
        : $"{Direction} from {Downstream.Address} {Reason}";
}

/// <summary>Collects the access log of a running proxy as it is written.</summary>
internal sealed class AccessLogReader
{
    private readonly Lock _gate = new();
    private readonly List<AccessLogEntry> _entries = [];
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public AccessLogReader(TextReader lines) => _ = Task.Run(() => ReadAsync(lines));

    /// <summary>Every line so far, once there are at least this many.</summary>
    public async Task<IReadOnlyList<AccessLogEntry>> WaitForAsync(int count, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task more;
            lock (_gate)
            {
                if (_entries.Count >= count)
                {
                    return [.. _entries];
                }

                more = _more.Task;
            }

            await more.WaitAsync(cancellationToken);
        }
    }

    private async Task ReadAsync(TextReader lines)
    {
        while (await lines.ReadLineAsync() is { } line)
        {
            TaskCompletionSource waiting;
            lock (_gate)
            {
                _entries.Add(AccessLogEntry.Parse(line));
                waiting = _more;
                _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            waiting.SetResult();
        }
    }
}
