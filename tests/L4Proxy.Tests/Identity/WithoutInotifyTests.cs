using System.Globalization;
using System.Net;
using L4Proxy.Tests.Configuration;
using L4Proxy.Tests.Netns;
using L4Proxy.Tests.Running;

namespace L4Proxy.Tests.Identity;

/// <summary>A process whose user has no inotify instance left, in a user namespace of its own so that nobody else loses his.</summary>
public sealed class WithoutInotifyTests
{
    [Fact]
    public async Task Files_that_cannot_be_watched_are_said_and_found_all_the_same()
    {
        using var files = new IdentityDirectory(DateTimeOffset.UtcNow);
        using var directory = new TemporaryDirectory();
        int[] ports = [FreePorts.Take(), FreePorts.Take(), FreePorts.Take(), FreePorts.Take()];
        var path = directory.File("l4proxy.yaml");
        await File.WriteAllTextAsync(path, string.Create(CultureInfo.InvariantCulture, $$"""
            forward: [{listen: "127.0.0.1:{{ports[0]}}", upstream: "127.0.0.1:9", tls: terminate}]
            identity: {certificate: {{files.File("cert-chain.pem")}}, privateKey: {{files.File("key.pem")}}, trustBundle: {{files.File("root-cert.pem")}}}
            telemetry: {metrics: [{{ports[1]}}]}
            health: {{ports[2]}}
            admin: {{ports[3]}}
            """));
        using var process = CommandLine.Start("unshare", ["--user", "--map-root-user", "sh", "-c",
            "echo 0 > /proc/sys/user/max_inotify_instances && exec dotnet \"$0\" run --config \"$1\"", Path.Combine(AppContext.BaseDirectory, "l4proxy.dll"), path]);
        try
        {
            var log = new LineFeed(process.StandardError);
            await log.WaitForAsync("are re-read every 60 s instead");
            using var http = new HttpClient { Timeout = Patience.Limit };
            var readyz = new Uri($"http://127.0.0.1:{ports[2].ToString(CultureInfo.InvariantCulture)}/readyz");
            await Patience.UntilAsync("listening", async () => (await AskAsync(http, readyz)).StartsWith("identity: the files are refused since ", StringComparison.Ordinal));

            files.WriteGood();

            await log.WaitForAsync("identity loaded: spiffe://cluster.local/ns/demo/sa/web");
            await Patience.UntilAsync("ready", async () => await AskAsync(http, readyz) == "ok\n");
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    private static async Task<string> AskAsync(HttpClient http, Uri uri)
    {
        try
        {
            return await http.GetStringAsync(uri);
        }
        catch (HttpRequestException refused) when (refused.StatusCode == HttpStatusCode.ServiceUnavailable)
        {
            using var reply = await http.GetAsync(uri);
            return await reply.Content.ReadAsStringAsync();
        }
        catch (HttpRequestException)
        {
            return "";
        }
    }
}
