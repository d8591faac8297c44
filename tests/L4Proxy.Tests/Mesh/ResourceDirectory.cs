namespace L4Proxy.Tests.Mesh;

/// <summary>A directory of resources with one file in it, which is replaced whole as Kubernetes and git do it.</summary>
internal sealed class ResourceDirectory : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("l4p-resources-");
    private string _written;

    public ResourceDirectory(string resources)
    {
        File.SetUnixFileMode(_folder.FullName, (UnixFileMode)0b111_101_101);
        Directory.CreateDirectory(Path);
        _written = resources;
        File.WriteAllText(FileName, resources);
    }

    public string Path => $"{_folder.FullName}/resources";

    /// <summary>The file, as errors and <c>explain</c> name its end.</summary>
    public string FileName => $"{Path}/mesh.yaml";

    /// <returns>Whether it says anything else now than before.</returns>
    public bool Write(string resources)
    {
        if (resources == _written)
        {
            return false;
        }
        _written = resources;
        var beside = $"{_folder.FullName}/mesh.yaml";
        File.WriteAllText(beside, resources);
        File.Move(beside, FileName, overwrite: true);
        return true;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
