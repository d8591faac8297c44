using System.Runtime.CompilerServices;

namespace L4Proxy.Tests.Redirect;

/// <summary>
/// Text that may only change on purpose. L4PROXY_REWRITE_GOLDEN=1 writes what is rendered now, to be read in the diff; where CI is set
/// that fails, since a run that rewrites what it compares proves nothing.
/// </summary>
internal static class GoldenFile
{
    public static void AssertSame(string name, string actual)
    {
        var path = Path.Combine(Folder(), name);
        if (Environment.GetEnvironmentVariable("L4PROXY_REWRITE_GOLDEN") is "1")
        {
            Assert.True(string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI")), "L4PROXY_REWRITE_GOLDEN must not be set in CI.");
            File.WriteAllText(path, actual);
        }

        Assert.True(File.Exists(path), $"There is no golden file {name}; L4PROXY_REWRITE_GOLDEN=1 writes it.");
        Assert.Equal(File.ReadAllText(path), actual);
    }

    public static IEnumerable<string> Names() => Directory.EnumerateFiles(Folder()).Select(path => Path.GetFileName(path));

    private static string Folder([CallerFilePath] string thisFile = "") => Path.Combine(Path.GetDirectoryName(thisFile)!, "Golden");
}
