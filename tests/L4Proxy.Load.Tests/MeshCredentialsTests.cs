using System.Security.Cryptography.X509Certificates;
using L4Proxy.Load.Certificates;

namespace L4Proxy.Load.Tests;

public sealed class MeshCredentialsTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("l4p-load-").FullName;

    [Fact]
    public void Both_ends_chain_to_the_root_over_the_intermediate_and_the_impostor_does_not()
    {
        var mesh = MeshCredentials.Create(_directory);

        Assert.True(IsTrusted(mesh.Originating, mesh.Terminating.Root));
        Assert.True(IsTrusted(mesh.Terminating, mesh.Originating.Root));
        Assert.False(IsTrusted(mesh.Impostor, mesh.Originating.Root));
    }

    [Fact]
    public void The_impostor_differs_from_the_terminating_end_in_nothing_but_its_root()
    {
        var mesh = MeshCredentials.Create(_directory);

        Assert.Equal(mesh.Terminating.SpiffeId, mesh.Impostor.SpiffeId);
        using var impostor = X509Certificate2.CreateFromPemFile(mesh.Impostor.Chain, mesh.Impostor.Key);
        Assert.Equal($"CN={MeshCredentials.ServerName}", impostor.Subject);
    }

    [Fact]
    public void HAProxy_gets_chain_and_key_in_one_file()
    {
        var originating = MeshCredentials.Create(_directory).Originating;

        Assert.Equal(File.ReadAllText(originating.Chain) + File.ReadAllText(originating.Key), File.ReadAllText(originating.ChainAndKey));
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static bool IsTrusted(Credentials end, string rootFile)
    {
        using var leaf = X509Certificate2.CreateFromPemFile(end.Chain, end.Key);
        using var root = X509CertificateLoader.LoadCertificateFromFile(rootFile);
        using var chain = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck } };
        chain.ChainPolicy.CustomTrustStore.Add(root);
        chain.ChainPolicy.ExtraStore.ImportFromPemFile(end.Chain);
        return chain.Build(leaf) && chain.ChainElements.Count == 3;
    }
}
