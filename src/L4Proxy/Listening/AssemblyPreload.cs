using System.Net.WebSockets;
using System.Reflection;
using System.Security.Claims;
using System.Text.Encodings.Web;
using L4Proxy.Core.Connections;
using L4Proxy.Transport;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace L4Proxy.Listening;

/// <summary>
/// Loads what the runtime would load at first use. Loading opens a file: when descriptors are out it fails, and the type that
/// needed it stays broken for as long as the process lives. Seen: no access log line after the first connection came in such a moment.
/// </summary>
/// <remarks>Two descriptors each, so not everything there is: what a connection, a request, a scrape, a reload and a drain reach.</remarks>
internal static class AssemblyPreload
{
    /// <summary>Call once, before anything is accepted.</summary>
    public static void Run()
    {
        // Everything these refer to: ourselves, the server, and what writes the access log.
        Assembly[] users =
        [
            typeof(AssemblyPreload).Assembly, typeof(ConnectionRecord).Assembly, typeof(EventLoop).Assembly,
            typeof(KestrelServer).Assembly, typeof(JavaScriptEncoder).Assembly,
        ];
        foreach (var name in users.SelectMany(user => user.GetReferencedAssemblies()).DistinctBy(name => name.Name, StringComparer.Ordinal))
        {
            Assembly.Load(name);
        }
        // What the first request reaches beyond that.
        _ = typeof(ClaimsPrincipal).Assembly;
        _ = typeof(WebSocket).Assembly;
    }
}
