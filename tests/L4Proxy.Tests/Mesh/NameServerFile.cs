using L4Proxy.Tests.Netns;

namespace L4Proxy.Tests.Mesh;

/// <summary>A <c>resolv.conf</c> of a namespace's own: <c>ip netns exec</c> puts what is in <c>/etc/netns/NAME</c> over <c>/etc</c>.</summary>
internal sealed class NameServerFile : IDisposable
{
    private readonly string _directory;

    public NameServerFile(NetworkNamespace where, string address)
    {
        _directory = $"/etc/netns/{where.Name}";
        Directory.CreateDirectory(_directory);
        File.WriteAllText($"{_directory}/resolv.conf", $"nameserver {address}\noptions timeout:1 attempts:1\n");
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
