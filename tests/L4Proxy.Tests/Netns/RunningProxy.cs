using System.Diagnostics;
using System.Globalization;

namespace L4Proxy.Tests.Netns;

/// <summary>
/// The product as it runs beside an application: a process of its own, uid and gid 1337, without capabilities unless one is given.
/// </summary>
internal sealed class RunningProxy : IAsyncDisposable
{
    public const int HealthPort = 15021;

    public const string Configuration = "capture: {outbound: 15001, inbound: 15006}\ntimeouts: {connect: 2s, drain: 2s}\n";

    private const int MetricsPort = 15020;

    /// <summary>Far more than anything here takes on a busy machine; who waits this long waits for ever.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly NetworkNamespace _where;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("l4p-");
    private readonly Process _process;
    private readonly string _file;

    /// <param name="where">The pod.</param>
    /// <param name="configuration">What <c>l4proxy.yaml</c> says; the access log goes to standard output.</param>
    /// <param name="capability">The one it keeps, as setpriv calls it.</param>
    public RunningProxy(NetworkNamespace where, string configuration = Configuration, string? capability = null)
    {
        _where = where;
        _file = Path.Combine(_folder.FullName, "l4proxy.yaml");
        File.WriteAllText(_file, configuration);
        File.SetUnixFileMode(_folder.FullName, (UnixFileMode)0b111_101_101);
        string[] capabilities = capability is null
            ? ["--inh-caps=-all", "--bounding-set=-all"]
            : [$"--inh-caps=-all,+{capability}", $"--ambient-caps=+{capability}", $"--bounding-set=-all,+{capability}"];
        string[] run = [.. capabilities, "--no-new-privs", L4ProxyBinary.Path, "run", "--config", _file];
        var command = where.As(TraceProxy.Uid, TraceProxy.Uid, run);
        _process = CommandLine.Start(command[0], command[1..]);
        AccessLog = new ProcessLines(_process.StandardOutput);
        Log = new ProcessLines(_process.StandardError);
    }

    /// <summary>One line for each connection that has ended.</summary>
    public ProcessLines AccessLog { get; }

    /// <summary>What it says about itself.</summary>
    public ProcessLines Log { get; }

    /// <summary>The capabilities in force, as the kernel shows them: a mask in hexadecimal.</summary>
    public string EffectiveCapabilities => File.ReadLines($"/proc/{_process.Id}/status")
        .Single(line => line.StartsWith("CapEff:", StringComparison.Ordinal))["CapEff:".Length..].Trim();

    /// <summary>Returns once <c>l4proxy wait</c> says it is ready.</summary>
    public async Task WaitUntilReadyAsync()
    {
        var answer = await Task.Run(() => _where.Run(L4ProxyBinary.Path, "wait", "--timeout", "60s"));
        if (answer.ExitCode != 0)
        {
            await DisposeAsync();
            Assert.Fail($"{answer.All}\n{Log}");
        }
    }

    /// <summary>Returns once it serves but has said that it is not captured.</summary>
    public async Task WaitUntilNotCapturedAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        await Log.WaitForAsync(lines => lines.Any(line => line.Contains("Not captured", StringComparison.Ordinal)), patience.Token);
    }

    /// <summary>Overwrites the configuration file, and returns when what is new in it is in force.</summary>
    public async Task ReloadAsync(string configuration)
    {
        var before = Reloads(Log.Lines);
        await File.WriteAllTextAsync(_file + ".new", configuration);
        File.Move(_file + ".new", _file, overwrite: true);
        using var patience = new CancellationTokenSource(Patience);
        await Log.WaitForAsync(lines => Reloads(lines) > before, patience.Token);
    }

    /// <summary>The sum of a metric over every series that has all of the labels, written as <c>side="terminate"</c>.</summary>
    public async Task<double> MetricAsync(string name, params string[] labels)
    {
        var series = (await AskAsync(MetricsPort, "/metrics")).Split('\n')
            .Where(line => line.StartsWith(name, StringComparison.Ordinal) && line[name.Length] is '{' or ' ').ToList();
        Assert.True(series.Count > 0, $"There is no {name}.");
        return series.Where(line => labels.All(label => line.Contains(label, StringComparison.Ordinal)))
            .Sum(line => double.Parse(line.AsSpan(line.LastIndexOf(' ') + 1), CultureInfo.InvariantCulture));
    }

    /// <summary>Returns once <see cref="MetricAsync"/> has that value.</summary>
    public Task MetricReachesAsync(string name, double value, params string[] labels) =>
        Running.Patience.UntilAsync($"{name} = {value}", async () => (await MetricAsync(name, labels)).Equals(value));

    /// <summary>What an endpoint of the operator answers, headers included.</summary>
    public Task<string> AskAsync(int port, string path) =>
        new Caller(_where).CallAsync("127.0.0.1", port, say: $"GET {path} HTTP/1.0\r\n\r\n");

    /// <summary>
    /// The whole access log once no connection is open. The proxy's own numbers say how many lines that must be: one for each accepted
    /// connection, the capture probes aside.
    /// </summary>
    public async Task<IReadOnlyList<AccessLogEntry>> SettledAccessLogAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            patience.Token.ThrowIfCancellationRequested();
            var metrics = await AskAsync(MetricsPort, "/metrics");
            var opened = Sum(metrics, "l4proxy_connections_opened_total", "");
            if (opened != Sum(metrics, "l4proxy_connections_closed_total", "") || Sum(metrics, "l4proxy_connections_active", "") != 0)
            {
                continue;
            }

            var expected = opened - Sum(metrics, "l4proxy_connections_closed_total", "captureProbe");
            var lines = await AccessLog.WaitForAsync(lines => lines.Count >= expected, patience.Token);
            Assert.Equal(expected, lines.Count);
            return [.. lines.Select(AccessLogEntry.Parse)];
        }
    }

    /// <summary>Asks it to drain and fails unless it leaves in order.</summary>
    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            CommandLine.Run("", "kill", "-TERM", _process.Id.ToString(CultureInfo.InvariantCulture));
            await _process.WaitForExitAsync(patience.Token);
            Assert.True(_process.ExitCode == 0, $"l4proxy run ended with {_process.ExitCode}: {Log}");
        }
        finally
        {
            _process.Kill();
            _process.Dispose();
            _folder.Delete(recursive: true);
        }
    }

    private static int Reloads(IReadOnlyList<string> lines) =>
        lines.Count(line => line.Contains(" was read again: ", StringComparison.Ordinal) || line.Contains(" was refused with ", StringComparison.Ordinal));

    private static int Sum(string metrics, string name, string label)
    {
        var lines = metrics.Split('\n').Where(line => line.StartsWith(name + "{", StringComparison.Ordinal)).ToList();
        Assert.True(lines.Count > 0, $"There is no {name} in: {metrics}");
        return lines.Where(line => line.Contains(label, StringComparison.Ordinal))
            .Sum(line => int.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }
}
