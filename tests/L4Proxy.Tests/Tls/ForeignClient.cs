using System.Globalization;
using L4Proxy.Tests.Running;

namespace L4Proxy.Tests.Tls;

/// <summary>What a foreign client is told.</summary>
/// <param name="Pki">Whose root it trusts.</param>
/// <param name="Port">The TLS server, on loopback.</param>
/// <param name="Leaf">What it shows.</param>
internal sealed record ClientTask(TestPki Pki, int Port, Leaf Leaf)
{
    public const string IstioSni = "outbound_.9000_._.echo.default.svc.cluster.local";

    /// <summary>GnuTLS takes underscores for an illegal parameter.</summary>
    public const string DnsLegalSni = "echo.default.svc.cluster.local";

    /// <summary><c>1.2</c> or <c>1.3</c>, and no other.</summary>
    public string Version { get; init; } = "1.3";
    public string Sni { get; init; } = IstioSni;
}

/// <summary>A program that is not ours as TLS client: connections in clear lead through it to the server.</summary>
internal sealed class ForeignClient : IAsyncDisposable
{
    private readonly List<ForeignProcess> _processes = [];
    private readonly Func<ForeignClient, Task<Dialogue>> _dial;

    private ForeignClient(Func<ForeignClient, Task<Dialogue>> dial) => _dial = dial;

    /// <summary>What the program, or its last run, said.</summary>
    public LineFeed Log => _processes[^1].Log;

    public static Task<ForeignClient> StartAsync(string program, ClientTask task) => program switch
    {
        "openssl" => Task.FromResult(PerConnection("openssl", OpenSsl.Client(task, "-alpn", "istio"))),
        "gnutls" => Task.FromResult(PerConnection("gnutls-cli", GnuTls.Client(task))),
        "node" => Task.FromResult(PerConnection("node", Node.Client(task))),
        "nginx" => RelayAsync(port => ("nginx", Nginx.Client(task, port))),
        "haproxy" => RelayAsync(port => ("haproxy", HAProxy.Client(task, port))),
        "stunnel" => RelayAsync(port => ("stunnel", Stunnel.Client(task, port))),
        "socat" => RelayAsync(port => ("socat", Socat.Client(task, port))),
        _ => throw new ArgumentException($"no client is known as {program}", nameof(program)),
    };

    /// <summary>A new connection through it.</summary>
    public Task<Dialogue> DialAsync() => _dial(this);

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }
    }

    private static ForeignClient PerConnection(string program, IReadOnlyList<string> arguments) => new(client =>
    {
        client._processes.Add(ForeignProcess.Start(program, arguments));
        return Task.FromResult(client._processes[^1].Dialogue);
    });

    private static async Task<ForeignClient> RelayAsync(Func<int, (string Program, IReadOnlyList<string> Arguments)> describe)
    {
        var port = FreePorts.Take();
        var (program, arguments) = describe(port);
        var process = await ForeignProcess.ListeningAsync(port, program, arguments);
        var client = new ForeignClient(_ => Dialogue.ConnectAsync(port));
        client._processes.Add(process);
        return client;
    }
}

/// <summary>Addresses as programs write them.</summary>
internal static class Loopback
{
    public static string Port(int port) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
}
