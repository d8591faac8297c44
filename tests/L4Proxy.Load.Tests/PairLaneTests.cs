using L4Proxy.Load.Certificates;
using L4Proxy.Load.Contenders;
using L4Proxy.Load.Running;
using L4Proxy.Load.Wire;
using L4Proxy.Load.Workloads;

namespace L4Proxy.Load.Tests;

/// <summary>Pairs of HAProxy (which must be installed), as they are measured and with one thing left out.</summary>
public sealed class PairLaneTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("l4p-load-").FullName;
    private readonly EventLoop _loop = new();
    private readonly Loopback _topology = new();
    private readonly MeshCredentials _mesh;
    private Lane? _lane;

    public PairLaneTests() => _mesh = MeshCredentials.Create(_directory);

    [Fact]
    public void A_pair_passes_every_byte_and_ending_and_tells_what_it_negotiates()
    {
        _lane = Start(HaproxyContender.Pair("pair", "", "", _mesh));

        Verification.Run(_lane);

        Assert.Equal("TLS 1.3, TLS_AES_256_GCM_SHA384, x25519, full handshake; both ends refuse certificates of another root", TlsProbe.Run(_lane, _mesh));
        Assert.Equal(2, _lane.Processes.Count);
    }

    [Theory]
    [InlineData("verify none ssl-min-ver TLSv1.3 no-tls-tickets", "verify required ssl-min-ver TLSv1.3 no-ssl-reuse", "client without a certificate")]
    [InlineData("verify required crt-ignore-err all ca-ignore-err all ssl-min-ver TLSv1.3 no-tls-tickets", "verify required ssl-min-ver TLSv1.3 no-ssl-reuse", "client with a certificate of another root")]
    [InlineData("verify required ssl-min-ver TLSv1.3 no-tls-tickets", "verify none ssl-min-ver TLSv1.3 no-ssl-reuse", "server with a certificate of another root")]
    [InlineData("verify required ssl-min-ver TLSv1.3", "verify required ssl-min-ver TLSv1.3", "resumes sessions")]
    public void A_pair_that_leaves_work_out_is_not_measured(string bind, string server, string complaint)
    {
        _lane = Start(new Chain("pair",
        [
            new HaproxyContender("first", "", "", "", server: $"ssl crt {_mesh.Originating.ChainAndKey} ca-file {_mesh.Originating.Root} sni str({MeshCredentials.ServerName}) {server}"),
            new HaproxyContender("second", "", "", "", bind: $"ssl crt {_mesh.Terminating.ChainAndKey} ca-file {_mesh.Terminating.Root} {bind}"),
        ]));

        Assert.Contains(complaint, Assert.Throws<LoadException>(() => TlsProbe.Run(_lane, _mesh)).Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _lane?.Dispose();
        _topology.Dispose();
        _loop.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private Lane Start(Chain chain) => new(_loop, _topology, chain, 0, _directory, 0);
}
