using System.Net.Sockets;
using L4Proxy.Names;
using L4Proxy.Tests.Running;

namespace L4Proxy.Tests.Names;

/// <summary>Resolvers that ask servers of a test, and nothing else.</summary>
internal static class Resolvers
{
    private const string NoHosts = "/nonexistent/hosts";

    public static ResolverConfiguration Asking(params DnsServer[] servers) =>
        new() { Servers = [.. servers.Select(server => server.EndPoint)], Timeout = Patience.Limit, Attempts = 1 };

    public static StubResolver Of(ResolverConfiguration configuration, TimeProvider? time = null, string hosts = NoHosts, bool onlyV4 = false) =>
        new(() => configuration, hosts, family => !onlyV4 || family == AddressFamily.InterNetwork, time ?? TimeProvider.System);

    public static async Task<DnsAnswer> AskAsync(ResolverConfiguration configuration, string name) =>
        await Of(configuration).ResolveAsync(name, CancellationToken.None).WaitAsync(Patience.Limit);

    /// <summary>Result, addresses and seconds to live in one comparison.</summary>
    public static (DnsResult, string, int) Facts(DnsAnswer answer) =>
        (answer.Result, string.Join(' ', answer.Addresses), (int)answer.TimeToLive.TotalSeconds);
}
