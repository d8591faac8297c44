using static L4Proxy.Tests.Mesh.Manifest;
using static L4Proxy.Tests.Mesh.OutboundMesh;

namespace L4Proxy.Tests.Mesh;

/// <summary>The nearer endpoint is called while it is well, and a farther one when it is not.</summary>
public sealed class LocalityTests(OutboundMesh mesh) : IClassFixture<OutboundMesh>
{
    private const int Near = 8090;

    [Fact]
    public async Task The_near_endpoint_is_preferred_and_the_far_one_serves_when_it_is_down()
    {
        // Shop is in eu/a. Both endpoints are in clear, past web's proxy: what ends is the application, not its proxy.
        var near = new EchoService(mesh.Topology.Outside, Near);
        await mesh.Shop.ApplyAsync(Service("local", "10.96.0.50",
            $"{{address: {MeshTopology.External(1)}, ports: {{tcp: {Near}}}, locality: eu/a}}",
            $"{{address: {MeshTopology.External(2)}, ports: {{tcp: {Plaintext}}}, locality: eu/b}}",
            $"{{address: {MeshTopology.External(3)}, ports: {{tcp: {Plaintext}}}, locality: us/c}}"));
        await AssertAnswersAsync($"{MeshTopology.External(1)}:{Near} hello");

        await near.DisposeAsync();

        await AssertAnswersAsync($"{MeshTopology.External(2)}:{Plaintext} hello");
    }

    [Fact]
    public async Task Where_localities_are_not_to_count_they_do_not()
    {
        await mesh.Shop.ApplyAsync(Service("global", "10.96.0.51",
                $"{{address: {MeshTopology.External(1)}, ports: {{tcp: {Plaintext}}}, locality: eu/a}}",
                $"{{address: {MeshTopology.External(2)}, ports: {{tcp: {Plaintext}}}, locality: us/c}}")
            + Traffic("global", "loadBalancer: {simple: ROUND_ROBIN, localityLbSetting: {enabled: false}}"));

        string[] answers = [await mesh.CallAsync("10.96.0.51"), await mesh.CallAsync("10.96.0.51")];

        Assert.Equal([$"{MeshTopology.External(1)}:{Plaintext} hello", $"{MeshTopology.External(2)}:{Plaintext} hello"], answers.Order(StringComparer.Ordinal).ToArray());
        await mesh.Shop.LinesAsync(2);
    }

    private async Task AssertAnswersAsync(string expected)
    {
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(expected, await mesh.CallAsync("10.96.0.50"));
        }
        Assert.All(await mesh.Shop.LinesAsync(5), line => Assert.Equal("completed", line.Reason));
    }
}
