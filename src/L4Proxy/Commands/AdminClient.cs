using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using L4Proxy.Admin;

namespace L4Proxy.Commands;

/// <summary>Asks the admin endpoint of the proxy beside us.</summary>
/// <param name="port">On 127.0.0.1.</param>
internal sealed class AdminClient(int port) : IDisposable
{
    private static readonly TimeSpan _connectWithin = TimeSpan.FromSeconds(2);

    /// <summary>Ten thousand services are read and judged well within this.</summary>
    private static readonly TimeSpan _answerWithin = TimeSpan.FromSeconds(60);

    // No proxy: HTTP_PROXY of the environment is not meant for the loopback. No redirects: the endpoint has none to give.
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, ConnectTimeout = _connectWithin })
    {
        BaseAddress = new Uri($"http://127.0.0.1:{port}"),
        Timeout = _answerWithin,
    };

    /// <exception cref="AdminException">There is no answer; the message says why.</exception>
    public Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Get, path), type, cancellationToken);

    /// <exception cref="AdminException">There is no answer; the message says why.</exception>
    public Task<TReply> PostAsync<TRequest, TReply>(
        string path, TRequest content, JsonTypeInfo<TRequest> contentType, JsonTypeInfo<TReply> type, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(content, contentType) };
        request.Headers.Add(AdminGuard.Header, AdminGuard.HeaderValue);
        return SendAsync(request, type, cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    private async Task<T> SendAsync<T>(HttpRequestMessage request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using (request)
        {
            try
            {
                using var answer = await _http.SendAsync(request, cancellationToken);
                await using var content = await answer.Content.ReadAsStreamAsync(cancellationToken);
                if (answer.StatusCode != HttpStatusCode.OK)
                {
                    var error = await JsonSerializer.DeserializeAsync(content, AdminJson.Default.ErrorReply, cancellationToken);
                    throw new AdminException(error?.Error ?? $"127.0.0.1:{port} answers {(int)answer.StatusCode}");
                }
                return await JsonSerializer.DeserializeAsync(content, type, cancellationToken) ?? throw new JsonException();
            }
            catch (HttpRequestException failed)
            {
                throw new AdminException(
                    $"127.0.0.1:{port}: {failed.InnerException?.Message ?? failed.Message}; is the proxy running beside this, and is {port} its admin port (--admin-port)?");
            }
            catch (JsonException)
            {
                throw new AdminException($"what answers at 127.0.0.1:{port} is not the admin endpoint of a proxy of this version");
            }
            catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new AdminException($"127.0.0.1:{port} does not answer");
            }
        }
    }
}

/// <summary>The admin endpoint gave no answer.</summary>
internal sealed class AdminException(string message) : Exception(message);
