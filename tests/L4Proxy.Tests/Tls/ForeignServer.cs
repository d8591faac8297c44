using L4Proxy.Tests.Running;

namespace L4Proxy.Tests.Tls;

/// <summary>What a foreign server is told.</summary>
/// <param name="Pki">Whose root it trusts.</param>
/// <param name="Port">Where it listens, on loopback.</param>
/// <param name="Leaf">What it shows.</param>
internal sealed record ServerTask(TestPki Pki, int Port, Leaf Leaf)
{
    /// <summary><c>1.2</c> or <c>1.3</c>, and no other.</summary>
    public string Version { get; init; } = "1.3";

    /// <summary>Whether every client must show a certificate. Only openssl and nginx can do without.</summary>
    public bool AsksForCertificate { get; init; } = true;
}

/// <summary>A program that is not ours as TLS server that echoes.</summary>
internal sealed class ForeignServer : IAsyncDisposable
{
    private readonly ForeignProcess _process;
    private readonly Backend? _behind;

    private ForeignServer(ForeignProcess process, int port, Backend? behind) => (_process, Port, _behind) = (process, port, behind);

    public int Port { get; }
    public LineFeed Log => _process.Log;

    public static Task<ForeignServer> StartAsync(string program, TestPki pki, Leaf leaf, string version = "1.3") =>
        StartAsync(program, new ServerTask(pki, FreePorts.Take(), leaf) { Version = version });

    public static async Task<ForeignServer> StartAsync(string program, ServerTask task)
    {
        return program switch
        {
            "openssl" => await EchoingAsync(task.Port, "openssl", OpenSsl.Server(task, "-alpn", "istio")),
            "node" => await EchoingAsync(task.Port, "node", Node.Server(task)),
            "gnutls" => new(await ForeignProcess.ListeningAsync(task.Port, "gnutls-serv", GnuTls.Server(task)), task.Port, null),
            "nginx" => await BeforeAsync(task.Port, "nginx", backend => Nginx.Server(task, backend)),
            "haproxy" => await BeforeAsync(task.Port, "haproxy", backend => HAProxy.Server(task, backend)),
            "stunnel" => await BeforeAsync(task.Port, "stunnel", backend => Stunnel.Server(task, backend)),
            "socat" => await BeforeAsync(task.Port, "socat", backend => Socat.Server(task, backend)),
            _ => throw new ArgumentException($"no server is known as {program}", nameof(program)),
        };
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        if (_behind is not null)
        {
            await _behind.DisposeAsync();
        }
    }

    // What it hears comes out of its standard output and goes back into its standard input.
    private static async Task<ForeignServer> EchoingAsync(int port, string program, IReadOnlyList<string> arguments)
    {
        var process = await ForeignProcess.ListeningAsync(port, program, arguments);
        _ = EchoAsync(process.Dialogue);
        return new(process, port, null);
    }

    private static async Task EchoAsync(Dialogue dialogue)
    {
        try
        {
            await dialogue.Ear.CopyToAsync(dialogue.Mouth);
            dialogue.End();
        }
        catch (Exception ended) when (ended is IOException or ObjectDisposedException)
        {
            // The program left first; what is missing then is missed where it should have arrived.
        }
    }

    private static async Task<ForeignServer> BeforeAsync(int port, string program, Func<int, IReadOnlyList<string>> arguments)
    {
        var backend = Backend.Echo();
        return new(await ForeignProcess.ListeningAsync(port, program, arguments(backend.Address.Port)), port, backend);
    }
}
