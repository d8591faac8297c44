using System.Net;
using System.Net.Sockets;
using L4Proxy.Tests.Netns;

namespace L4Proxy.Tests.Running;

[Collection(RunningCollection.Name)]
public sealed class StartErrorTests : IDisposable
{
    private static readonly IPEndPoint _upstream = new(IPAddress.Loopback, 9);
    private readonly Configuration.TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("run")]
    [InlineData("check")]
    public void Everything_that_is_wrong_with_the_file_is_said_at_once(string verb)
    {
        var file = new ProxyFile(_upstream) { Timeouts = "halfClose: 30", Limits = "maxConections: 5" };
        var twice = file with { Health = file.Metrics[1] };

        var answer = Run(verb, twice.Text);

        Assert.Equal((1, ""), (answer.ExitCode, answer.Output));
        Assert.Equal($"""
            FILE:2:24: timeouts.halfClose: '30' has no unit; write 30s for seconds, or use ms, m or h
            FILE:3:11: limits.maxConections: unknown key; did you mean 'maxConnections'?
            FILE:5:9: health: port {twice.Health} is already used by telemetry.metrics[1] (FILE:4:62); give one of them another port

            """, answer.Error);
    }

    [Theory]
    [InlineData("run", "/nowhere/l4proxy.yaml", "/nowhere/l4proxy.yaml: does not exist; name an existing file\n")]
    [InlineData("check", "/nowhere/l4proxy.yaml", "/nowhere/l4proxy.yaml: does not exist; name an existing file\n")]
    [InlineData("run", "/proc", "/proc: is a directory; name the file in it\n")]
    [InlineData("check", "/proc", "/proc: is a directory; name the file in it\n")]
    public void A_file_that_cannot_be_read_is_said_with_its_name(string verb, string path, string expected)
    {
        var answer = CommandLine.Run("", PublishedBinary.Path, verb, "--config", path);

        Assert.Equal((1, "", expected), (answer.ExitCode, answer.Output, answer.Error));
    }

    [Theory]
    [InlineData("run")]
    [InlineData("check")]
    public void Without_a_file_it_is_wrong_usage(string verb)
    {
        var answer = CommandLine.Run("", PublishedBinary.Path, verb);

        Assert.Equal(2, answer.ExitCode);
        Assert.Contains("Option '--config' is required.", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_data_port_that_another_process_has_is_named_with_what_would_do()
    {
        using var taken = Listener();
        var port = ((IPEndPoint)taken.LocalEndPoint!).Port;

        AssertCannotStart(new ProxyFile(_upstream) { Listen = port },
            $"cannot listen on 127.0.0.1:{port}: the address is in use; stop what listens there or choose another port");
    }

    [Fact]
    public void A_health_port_that_another_process_has_is_named_with_what_would_do()
    {
        using var taken = Listener();
        var port = ((IPEndPoint)taken.LocalEndPoint!).Port;

        AssertCannotStart(new ProxyFile(_upstream) { Health = port },
            $"cannot listen on [::]:{port}: the address is in use; stop what listens there or choose another port");
    }

    [Theory]
    [InlineData("/nowhere/access.log", "cannot open /nowhere/access.log for appending: ENOENT (No such file or directory)")]
    [InlineData("/tmp", "cannot open /tmp for appending: EISDIR (Is a directory)")]
    public void An_access_log_that_cannot_be_written_is_named_with_the_reason(string path, string sentence) =>
        AssertCannotStart(new ProxyFile(_upstream) { AccessLog = path }, sentence);

    private static Socket Listener()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, FreePorts.Take()));
        socket.Listen();
        return socket;
    }

    private void AssertCannotStart(ProxyFile file, string sentence)
    {
        var answer = Run("run", file.Text);

        Assert.Equal((1, ""), (answer.ExitCode, answer.Output));
        var last = answer.Error.TrimEnd().Split('\n')[^1];
        Assert.EndsWith($" crit  l4proxy: cannot start: {sentence}", last, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", answer.Error, StringComparison.Ordinal);
    }

    private CommandAnswer Run(string verb, string text)
    {
        var path = _directory.File("l4proxy.yaml");
        File.WriteAllText(path, text);
        var answer = CommandLine.Run("", PublishedBinary.Path, verb, "--config", path);
        return answer with { Error = answer.Error.Replace(path, "FILE", StringComparison.Ordinal) };
    }
}
