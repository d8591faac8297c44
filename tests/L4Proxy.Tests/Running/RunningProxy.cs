using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using L4Proxy.Tests.Netns;

namespace L4Proxy.Tests.Running;

/// <summary>One `l4proxy run`, from ready to gone.</summary>
internal sealed class RunningProxy : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Configuration.TemporaryDirectory _directory;
    private readonly HttpClient _http = new() { Timeout = Patience.Limit };
    private bool _accounted;

    private RunningProxy(Process process, Configuration.TemporaryDirectory directory, string path, ProxyFile file)
    {
        _process = process;
        _directory = directory;
        Path = path;
        File = file;
        AccessLog = new LineFeed(process.StandardOutput);
        ProcessLog = new LineFeed(process.StandardError);
    }

    public int Id => _process.Id;
    public bool HasExited => _process.HasExited;
    public string Path { get; }
    public ProxyFile File { get; private set; }
    public LineFeed AccessLog { get; }
    public LineFeed ProcessLog { get; }
    public IPEndPoint Address => new(IPAddress.Loopback, File.Listen);

    /// <param name="file">What it is to do.</param>
    /// <param name="openFiles">RLIMIT_NOFILE, soft and hard; null leaves the test's.</param>
    public static async Task<RunningProxy> StartAsync(ProxyFile file, int? openFiles = null)
    {
        var proxy = await StartAsync(file, openFiles, " readiness: ready");
        await Patience.UntilAsync("ready", async () => (await proxy.GetAsync(file.Health, "/readyz")).Code == HttpStatusCode.OK);
        return proxy;
    }

    /// <summary>One that listens and has a reason not to be ready.</summary>
    public static Task<RunningProxy> StartUnreadyAsync(ProxyFile file) => StartAsync(file, openFiles: null, " listens on ");

    private static async Task<RunningProxy> StartAsync(ProxyFile file, int? openFiles, string sign)
    {
        var directory = new Configuration.TemporaryDirectory();
        var path = directory.File("l4proxy.yaml");
        await System.IO.File.WriteAllTextAsync(path, file.Text);
        string[] limit = openFiles is { } files ? ["prlimit", string.Create(CultureInfo.InvariantCulture, $"--nofile={files}:{files}")] : [];
        string[] command = [.. limit, PublishedBinary.Path, "run", "--config", path];
        var proxy = new RunningProxy(CommandLine.Start(command[0], command[1..]), directory, path, file);
        await proxy.ProcessLog.WaitForAsync(sign);
        return proxy;
    }

    public async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(Address);
        return socket;
    }

    /// <summary>How a connection ends that must not live: the refusal may come before the connect has even returned.</summary>
    public async Task<string> RefusalAsync()
    {
        try
        {
            using var socket = await ConnectAsync();
            return await socket.EndAsync();
        }
        catch (SocketException refused) when (refused.SocketErrorCode == SocketError.ConnectionReset)
        {
            return "RST";
        }
    }

    public void Signal(string name) => CommandLine.MustRun("", "kill", $"-{name}", Id.ToString(CultureInfo.InvariantCulture));

    public async Task<int> ExitCodeAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience.Limit);
        await Task.WhenAll(AccessLog.Ended, ProcessLog.Ended);
        return _process.ExitCode;
    }

    public async Task<(HttpStatusCode Code, string Text)> GetAsync(int port, string path)
    {
        using var answer = await _http.GetAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}{path}")));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>The sum of every series that begins so: a metric's name, or its name with labels.</summary>
    public async Task<double> MetricAsync(string series)
    {
        var values = (await GetAsync(File.Metrics[0], "/metrics")).Text.Split('\n')
            .Where(line => line.StartsWith(series, StringComparison.Ordinal) && !char.IsAsciiLetterOrDigit(line[series.Length]) && line[series.Length] != '_')
            .Select(line => double.Parse(line.AsSpan(line.LastIndexOf(' ') + 1), CultureInfo.InvariantCulture)).ToList();
        Assert.NotEmpty(values);
        return values.Sum();
    }

    public Task MetricReachesAsync(string series, double value) =>
        Patience.UntilAsync($"{series} = {value}", async () => (await MetricAsync(series)).Equals(value));

    /// <summary>The line of each ended connection, once there are so many.</summary>
    public async Task<IReadOnlyList<JsonElement>> EndingsAsync(int count) =>
        [.. (await AccessLog.WaitForCountAsync(count)).Select(line => JsonElement.Parse(line))];

    /// <summary>The one connection of this test.</summary>
    public async Task<JsonElement> EndingAsync() => Assert.Single(await EndingsAsync(1));

    /// <summary>Overwrites the configuration file and waits until it was judged.</summary>
    public async Task ReloadAsync(ProxyFile file, string judged)
    {
        File = file;
        await System.IO.File.WriteAllTextAsync(Path, file.Text);
        await ProcessLog.WaitForAsync(judged);
    }

    /// <summary>
    /// What holds after every test: nothing is open, every connection that was opened was closed, counted once and logged once, and
    /// the proxy leaves with code 0 when told to.
    /// </summary>
    public async Task EndAsync()
    {
        await MetricReachesAsync("l4proxy_connections_active", 0);
        var opened = await MetricAsync("l4proxy_connections_opened_total");
        Assert.Equal(opened, await MetricAsync("l4proxy_connections_closed_total"));
        Assert.Equal(0, await MetricAsync("l4proxy_accounting_mismatch"));
        Assert.Equal(0, await MetricAsync("l4proxy_connections_half_closed"));
        Assert.Equal(0, await MetricAsync("l4proxy_pipes_in_use"));
        Signal("TERM");
        Assert.Equal(0, await ExitCodeAsync());
        AssertLogged((int)opened);
    }

    /// <summary>For tests that end the proxy themselves: it has exited, and this many connections were accepted.</summary>
    public void AssertLogged(int accepted)
    {
        var endings = AccessLog.Lines.Select(line => JsonElement.Parse(line).GetProperty("id").GetString()).ToList();
        Assert.Equal(accepted, endings.Count);
        Assert.Equal(accepted, endings.Distinct(StringComparer.Ordinal).Count());
        Assert.DoesNotContain(ProcessLog.Lines, line => line.Contains("defect", StringComparison.Ordinal) || line.Contains("Exception", StringComparison.Ordinal));
        _accounted = true;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }
        if (!_accounted)
        {
            // The test failed; what the proxy said is half of the explanation.
            await Console.Error.WriteLineAsync(string.Join('\n', ProcessLog.Lines.TakeLast(30)));
        }
        _process.Dispose();
        _http.Dispose();
        _directory.Dispose();
    }
}
