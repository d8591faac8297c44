using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;

namespace L4Proxy.Telemetry;

/// <summary>
/// The whole HTTP side of the proxy in one <see cref="RequestDelegate"/>: the port a request came in on decides who answers. Plain
/// Kestrel is enough for that; routing would cost memory and start-up time in every pod.
/// </summary>
internal sealed class OperatorEndpoints(IEnumerable<KeyValuePair<int, RequestDelegate>> byPort)
{
    private readonly FrozenDictionary<int, RequestDelegate> _byPort = byPort.ToFrozenDictionary();

    public Task InvokeAsync(HttpContext context) =>
        _byPort.TryGetValue(context.Connection.LocalPort, out var endpoints) ? endpoints(context) : HttpReply.NotFoundAsync(context);
}
