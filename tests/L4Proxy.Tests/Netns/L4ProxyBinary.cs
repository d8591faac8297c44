using L4Proxy.Tests.House;

namespace L4Proxy.Tests.Netns;

/// <summary>The product's own binary as it is shipped: what L4PROXY_BINARY names (scripts/test.sh sets it), else what scripts/publish.sh wrote.</summary>
internal static class L4ProxyBinary
{
    public static string Path { get; } = Find();

    public static CommandAnswer Redirect(this NetworkNamespace where, params IEnumerable<string> arguments) =>
        where.Run([Path, "redirect", .. arguments]);

    public static CommandAnswer MustRedirect(this NetworkNamespace where, params IEnumerable<string> arguments)
    {
        var answer = where.Redirect(arguments);
        Assert.True(answer.ExitCode == 0, $"redirect {string.Join(' ', arguments)} ended with {answer.ExitCode}: {answer.All}");
        return answer;
    }

    private static string Find()
    {
        var path = Environment.GetEnvironmentVariable("L4PROXY_BINARY") ?? Repository.Path("artifacts/l4proxy/l4proxy");
        return File.Exists(path) ? path : throw new FileNotFoundException($"there is no {path}; run scripts/publish.sh first");
    }
}
