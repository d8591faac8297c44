using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using L4Proxy.Transport.Native;

namespace L4Proxy.Pki;

/// <summary>
/// One workload's certificate, key and trust bundle, laid out as kubelet lays out a secret: each name leads through the link
/// <c>..data</c> to a directory of the generation, and one rename of that link swaps all three.
/// </summary>
internal sealed class WorkloadFiles(string root, PkiWorkload workload)
{
    private const string Data = "..data";

    /// <summary>Where it is.</summary>
    public string Directory { get; } = Path.Combine(root, workload.Namespace, workload.ServiceAccount);

    public string Certificate => Path.Combine(Directory, "cert-chain.pem");
    public string PrivateKey => Path.Combine(Directory, "key.pem");
    public string TrustBundle => Path.Combine(Directory, "root-cert.pem");

    /// <summary>Every workload that has files below <paramref name="root"/>.</summary>
    public static IEnumerable<PkiWorkload> All(string root) => !System.IO.Directory.Exists(root)
        ? []
        : from space in System.IO.Directory.EnumerateDirectories(root).Order(StringComparer.Ordinal)
          from account in System.IO.Directory.EnumerateDirectories(space).Order(StringComparer.Ordinal)
          where File.Exists(Path.Combine(account, Data, "cert-chain.pem"))
          select new PkiWorkload(Path.GetFileName(space), Path.GetFileName(account));

    /// <summary>The leaf in force; null if there is none.</summary>
    public X509Certificate2? Leaf() => File.Exists(Certificate) ? X509Certificate2.CreateFromPem(File.ReadAllText(Certificate)) : null;

    /// <summary>Makes a new generation and puts it in force.</summary>
    public void Write(IssuedLeaf leaf, string trustBundlePem, DateTimeOffset now, FileOwner? owner)
    {
        System.IO.Directory.CreateDirectory(Directory);
        var generation = string.Create(
            CultureInfo.InvariantCulture, $"..{now.UtcDateTime:yyyy_MM_dd_HH_mm_ss}.{RandomNumberGenerator.GetInt32(int.MaxValue)}");
        var directory = System.IO.Directory.CreateDirectory(Path.Combine(Directory, generation)).FullName;
        Write(Path.Combine(directory, "cert-chain.pem"), leaf.ChainPem, PkiFile.Public, owner);
        Write(Path.Combine(directory, "key.pem"), leaf.KeyPem, PkiFile.Secret, owner);
        Write(Path.Combine(directory, "root-cert.pem"), trustBundlePem, PkiFile.Public, owner);

        Link(Data, generation);
        foreach (var path in new[] { Certificate, PrivateKey, TrustBundle })
        {
            if (!File.Exists(path))
            {
                Link(Path.GetFileName(path), Path.Combine(Data, Path.GetFileName(path)));
            }
        }
        foreach (var former in System.IO.Directory.EnumerateDirectories(Directory, "..*")
            .Where(path => Path.GetFileName(path) is var name && name != Data && name != generation))
        {
            System.IO.Directory.Delete(former, recursive: true);
        }
    }

    private static void Write(string path, string text, UnixFileMode mode, FileOwner? owner)
    {
        PkiFile.Write(path, text, mode);
        if (owner is not null)
        {
            DirectoryEntry.ChangeOwner(path, owner.Uid, owner.Gid);
        }
    }

    private void Link(string name, string target)
    {
        var fresh = Path.Combine(Directory, "..link");
        File.Delete(fresh);
        File.CreateSymbolicLink(fresh, target);
        DirectoryEntry.Replace(fresh, Path.Combine(Directory, name));
    }
}
