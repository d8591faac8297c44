using System.Text.Json;

namespace L4Proxy.Tests.Tls;

/// <summary>
/// Node.js at either end of TLS. It keeps half-closed connections open, and reports on standard error, in JSON, what it saw: one line per
/// handshake and one per end.
/// </summary>
internal static class Node
{
    private const string Common = """
        const tls = require('tls'), fs = require('fs');
        const o = JSON.parse(process.argv[1]);
        const say = what => fs.writeSync(2, JSON.stringify(what) + '\n');
        const options = {
          host: '127.0.0.1', ca: fs.readFileSync(o.ca), cert: fs.readFileSync(o.cert), key: fs.readFileSync(o.key),
          minVersion: o.version, maxVersion: o.version, ALPNProtocols: o.alpn, allowHalfOpen: true,
        };
        const seen = s => ({ event: 'secure', version: s.getProtocol(), alpn: s.alpnProtocol, sni: s.servername,
          peer: s.getPeerCertificate().subjectaltname, reused: s.isSessionReused() });
        const watch = s => {
          s.on('end', () => say({ event: 'end' }));
          s.on('error', e => say({ event: 'error', code: e.code, message: e.message }));
          s.on('close', () => say({ event: 'close' }));
        };
        // The bytes of the connection on standard input and output, each ending by itself.
        const converse = s => {
          process.stdin.pipe(s);
          s.pipe(process.stdout);
          s.on('end', () => process.stdout.write('', () => fs.closeSync(1)));
        };

        """;

    private const string ClientProgram = Common + """
        const s = tls.connect({ ...options, port: o.port, servername: o.sni, checkServerIdentity: () => undefined });
        watch(s);
        s.on('secureConnect', () => { say(seen(s)); converse(s); });
        """;

    private const string ServerProgram = Common + """
        const server = tls.createServer({ ...options, requestCert: true, rejectUnauthorized: true });
        server.on('tlsClientError', e => say({ event: 'error', code: e.code, message: e.message }));
        server.on('secureConnection', s => {
          watch(s);
          say(seen(s));
          if (o.echo) s.pipe(s); else converse(s);
        });
        server.listen(o.port, '127.0.0.1');
        """;

    // As many connections as told, one after the other, each with one round trip and with the session of the one before on offer.
    private const string ReconnectProgram = Common + """
        const peers = {};
        let left = o.count, reused = 0, session;
        const next = () => {
          if (left-- === 0) { say({ event: 'done', peers, reused }); return; }
          const s = tls.connect({ ...options, port: o.port, servername: o.sni, session, checkServerIdentity: () => undefined });
          s.on('session', ticket => { session = ticket; });
          s.on('error', e => { say({ event: 'error', code: e.code, message: e.message }); process.exit(1); });
          s.on('secureConnect', () => {
            const peer = s.getPeerCertificate().subjectaltname;
            peers[peer] = (peers[peer] ?? 0) + 1;
            if (s.isSessionReused()) reused++;
            session ??= s.getSession();
            s.write('ping');
          });
          s.on('data', () => s.end());
          s.on('close', next);
        };
        next();
        """;

    public static IReadOnlyList<string> Client(ClientTask task) => Run(ClientProgram, task.Pki, task.Leaf, task.Version, new { port = task.Port, sni = task.Sni });

    public static IReadOnlyList<string> Server(ServerTask task, bool echo = false) =>
        Run(ServerProgram, task.Pki, task.Leaf, task.Version, new { port = task.Port, echo });

    public static IReadOnlyList<string> Reconnect(ClientTask task, int count) =>
        Run(ReconnectProgram, task.Pki, task.Leaf, task.Version, new { port = task.Port, sni = task.Sni, count });

    private static string[] Run(string program, TestPki pki, Leaf leaf, string version, object more)
    {
        var options = JsonSerializer.SerializeToNode(new { ca = pki.RootFile, cert = leaf.Chain, key = leaf.Key, version = $"TLSv{version}", alpn = new[] { "istio" } })!.AsObject();
        foreach (var (name, value) in JsonSerializer.SerializeToNode(more)!.AsObject())
        {
            options[name] = value?.DeepClone();
        }
        return ["-e", program, options.ToJsonString()];
    }
}
