namespace L4Proxy.Tests.Running;

/// <summary>The proxy as it is shipped: self-contained and precompiled, which is what memory and start-up are promised for.</summary>
internal static class PublishedBinary
{
    private static readonly Lazy<string> _path = new(Find);

    public static string Path => _path.Value;

    private static string Find()
    {
        if (Environment.GetEnvironmentVariable("L4PROXY_BINARY") is { Length: > 0 } named)
        {
            return File.Exists(named) ? named : throw new FileNotFoundException($"L4PROXY_BINARY names {named}, which does not exist");
        }
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            var path = System.IO.Path.Combine(directory.FullName, "artifacts", "l4proxy", "l4proxy");
            if (File.Exists(path))
            {
                return path;
            }
        }
        throw new FileNotFoundException(
            "there is no artifacts/l4proxy/l4proxy above the tests: run scripts/publish.sh, or name a binary in L4PROXY_BINARY");
    }
}
