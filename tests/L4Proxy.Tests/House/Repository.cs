namespace L4Proxy.Tests.House;

/// <summary>The clone these tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Path(string relative) => System.IO.Path.Combine(Root, relative);

    /// <summary>Every source file below a folder, generated ones left out, by its path from the root.</summary>
    public static IEnumerable<string> Sources(string folder) => Directory
        .EnumerateFiles(Path(folder), "*.cs", SearchOption.AllDirectories)
        .Select(file => System.IO.Path.GetRelativePath(Root, file))
        .Where(file => !file.Split('/').Any(part => part is "obj" or "bin"));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(System.IO.Path.Combine(folder.FullName, "L4Proxy.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException($"no L4Proxy.sln above {AppContext.BaseDirectory}");
        }
        return folder.FullName;
    }
}
