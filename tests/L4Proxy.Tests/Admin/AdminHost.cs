using System.Net;
using System.Text;
using L4Proxy.Admin;
using L4Proxy.Configuration;
using L4Proxy.Resources;
using L4Proxy.Tests.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;

namespace L4Proxy.Tests.Admin;

/// <summary>The admin endpoint on a real Kestrel, beside a model and live connections of the test's choice.</summary>
internal sealed class AdminHost : IAsyncDisposable
{
    private readonly OperatorHost _host;
    private readonly HttpClient _http = new();

    private AdminHost(OperatorHost host) => _host = host;

    public int Port => _host.Address.Port;

    public static async Task<AdminHost> StartAsync(
        MeshModel? model = null, ProxyOptions? options = null, Func<MeshModel, Task<CandidateImpact>>? impact = null)
    {
        var sources = new AdminSources(
            () => options ?? new ProxyOptions(), () => model ?? MeshModel.Empty, impact ?? (_ => Task.FromResult(new CandidateImpact(0, 0, []))));
        return new(await OperatorHost.StartAsync(new AdminEndpoints(sources, NullLogger.Instance).InvokeAsync));
    }

    public Task<Answer> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, path, content: null, headers);

    /// <summary>As the verbs do it.</summary>
    public Task<Answer> PreviewAsync(string json) => SendAsync(
        HttpMethod.Post, "/policy/preview", new StringContent(json, Encoding.UTF8, "application/json"), ("X-L4Proxy-Admin", "1"));

    public async Task<Answer> SendAsync(HttpMethod method, string path, HttpContent? content, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(_host.Address, path)) { Content = content };
        foreach (var (name, value) in headers)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        }
        using var answer = await _http.SendAsync(request);
        return new(answer.StatusCode, await answer.Content.ReadAsStringAsync(), answer.Headers.ToDictionary(
            header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase));
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _host.DisposeAsync();
    }

    public sealed record Answer(HttpStatusCode Code, string Text, IReadOnlyDictionary<string, string> Headers);
}
