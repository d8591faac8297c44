using System.Collections.Immutable;
using L4Proxy.Core.Resources;
using L4Proxy.Resources;
using L4Proxy.Tests.Configuration;

namespace L4Proxy.Tests.Resources;

/// <summary>A directory of resources for the workload <c>app: web</c> of the namespace <c>demo</c>.</summary>
internal sealed class ResourceDirectory : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public ResourceDirectory() => Directory.CreateDirectory(Path);

    public static LocalWorkload Workload { get; } = new(
        "demo", ImmutableSortedDictionary<string, string>.Empty.Add("app", "web"), "istio-system", ["cluster.local"]);

    public string Path => _directory.File("resources");

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Write(string name, string text)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(File(name))!);
        System.IO.File.WriteAllText(File(name), text);
    }

    public void Write(string name, byte[] content) => System.IO.File.WriteAllBytes(File(name), content);

    public ResourceLoader Loader(TimeProvider? time = null) => new(Path, Workload, time ?? TimeProvider.System);

    /// <summary>All of it, judged.</summary>
    public ResourceSet Judge() => ResourceJudge.Judge(Loader().Load(readEverything: false), Workload);

    public string[] Errors() => [.. Judge().Errors.Select(error => error.ToString())];

    public void Dispose() => _directory.Dispose();

    /// <summary>One file <c>r.yaml</c>, judged.</summary>
    public static ResourceSet Of(string text)
    {
        using var directory = new ResourceDirectory();
        directory.Write("r.yaml", text);
        return directory.Judge();
    }
}
