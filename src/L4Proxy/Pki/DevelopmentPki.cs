using System.Security.Cryptography.X509Certificates;

namespace L4Proxy.Pki;

/// <summary>A certificate authority for development, demo and tests, kept in one directory; every run continues what the last one left.</summary>
internal sealed class DevelopmentPki
{
    private const string DefaultTrustDomain = "cluster.local";

    private readonly PkiRequest _request;
    private readonly DateTimeOffset _now;
    private readonly TextWriter _output;
    private readonly string _directory;
    private readonly AuthorityFiles _files;
    private readonly AuthorityFiles _oldFiles;

    private DevelopmentPki(PkiRequest request, DateTimeOffset now, TextWriter output)
    {
        _request = request;
        // Certificates count whole seconds.
        _now = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond));
        _output = output;
        _directory = Path.GetFullPath(request.Directory);
        _files = new AuthorityFiles(_directory);
        _oldFiles = new AuthorityFiles(_directory, "old-");
    }

    private string OwnerPath => Path.Combine(_directory, ".owner");
    private string CrlPath => Path.Combine(_directory, "ca-crl.pem");

    /// <summary>Does what is asked and says what it did.</summary>
    /// <exception cref="PkiException">It cannot be done; nothing was changed.</exception>
    /// <exception cref="IOException">A file could not be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The same, for want of permission.</exception>
    public static void Run(PkiRequest request, DateTimeOffset now, TextWriter output)
    {
        var pki = new DevelopmentPki(request, now, output);
        Directory.CreateDirectory(pki._directory);
        using var oneAtATime = pki.Lock();
        pki.Run();
    }

    private FileStream Lock()
    {
        try
        {
            return new FileStream(Path.Combine(_directory, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error) when (error is not DirectoryNotFoundException)
        {
            throw new PkiException($"another run is at work in {_directory} ({error.Message}); wait for it and try again");
        }
    }

    private void Run()
    {
        using var present = _files.Load();
        using var old = _oldFiles.Load();
        var trustDomain = TrustDomain(present);
        var existing = WorkloadFiles.All(_directory).ToList();
        CheckRootRotation(present, old, existing);
        var revoked = _request.Revoked.Select(RevokedLeaf).ToList();
        var receivers = Receivers(existing);
        if (receivers.Count > 0)
        {
            present?.CheckOutlives(_now + _request.LeafLifetime);
        }
        var makes = present is null || _request.NewRoot;
        if (makes && _request.LeafLifetime > _request.AuthorityLifetime)
        {
            throw new PkiException("a leaf would outlive its root; give a --ttl that is not above --ca-ttl");
        }

        var owner = _request.Owner ?? (File.Exists(OwnerPath) ? FileOwner.Parse(File.ReadAllText(OwnerPath).Trim()) : null);
        owner?.CheckPermission();

        // From here on nothing is refused any more.
        if (_request.Owner is not null)
        {
            PkiFile.Replace(OwnerPath, $"{owner}\n", PkiFile.Public);
        }
        using var made = makes ? CertificateAuthority.Create(trustDomain, _now, _request.AuthorityLifetime) : null;
        if (_request.NewRoot)
        {
            _files.MoveTo(_oldFiles);
        }
        if (made is not null)
        {
            _files.Save(made);
            _output.WriteLine($"made a root and an intermediate of {trustDomain}: {Path.Combine(_directory, "root.pem")}, intermediate.pem and their keys, valid until {Until(_request.AuthorityLifetime)}");
        }
        if (_request.DropOldRoots)
        {
            _oldFiles.Delete();
            _output.WriteLine("dropped the old root");
        }
        // Who verifies must know the new root before anybody shows a leaf of it: in the run that begins it, leaves are still the old one's.
        var issuer = present ?? made!;
        var newest = made ?? present!;
        var replaced = _request.NewRoot ? present : _request.DropOldRoots ? null : old;
        WriteRevocationLists(newest, replaced, revoked);
        var bundle = string.Concat(new[] { newest, replaced }.OfType<CertificateAuthority>().Select(authority => authority.Root.ExportCertificatePem() + "\n"));
        foreach (var workload in receivers)
        {
            var files = new WorkloadFiles(_directory, workload);
            var leaf = issuer.Issue(workload.SpiffeId(trustDomain), _now, _request.LeafLifetime);
            files.Write(leaf, bundle, _now, owner);
            _output.WriteLine($"issued {workload.SpiffeId(trustDomain)}: {files.Directory}, valid until {Until(_request.LeafLifetime)}");
        }
        TellNext(receivers, replaced is not null);
    }

    private string TrustDomain(CertificateAuthority? present)
    {
        if (present is null)
        {
            return _request.TrustDomain ?? DefaultTrustDomain;
        }
        var kept = present.TrustDomain ?? throw new PkiException($"the root in {_directory} was not made by this command; use another directory");
        return _request.TrustDomain is { } asked && asked != kept
            ? throw new PkiException($"the root in {_directory} is of the trust domain '{kept}', not '{asked}'; use another directory for another trust domain")
            : kept;
    }

    private void CheckRootRotation(CertificateAuthority? present, CertificateAuthority? old, List<PkiWorkload> existing)
    {
        if (_request.NewRoot && present is null)
        {
            throw new PkiException($"{_directory} holds no root that a new one could replace; leave --new-root out");
        }
        if (_request.NewRoot && old is not null)
        {
            throw new PkiException("two roots are trusted already; end that with --drop-old-roots before you begin another");
        }
        if (!_request.DropOldRoots)
        {
            return;
        }
        if (old is null)
        {
            throw new PkiException("only one root is trusted; there is nothing to drop");
        }
        var stale = existing.Where(workload => new WorkloadFiles(_directory, workload).Leaf() is { } leaf && old.Issued(leaf)).ToList();
        if (stale.Count > 0)
        {
            throw new PkiException(
                $"leaves of the old root are still in force ({string.Join(", ", stale)}) and would be refused; issue them anew first, with neither --new-root nor --drop-old-roots");
        }
    }

    private X509Certificate2 RevokedLeaf(PkiWorkload workload) => new WorkloadFiles(_directory, workload).Leaf()
        ?? throw new PkiException($"{workload} has no certificate in {_directory} that could be revoked");

    private List<PkiWorkload> Receivers(List<PkiWorkload> existing)
    {
        if (_request.NewRoot || _request.DropOldRoots)
        {
            return [.. existing.Union(_request.Workloads)];
        }
        if (_request.Workloads.Count > 0)
        {
            return [.. _request.Workloads.Distinct()];
        }
        if (_request.Crl || _request.Revoked.Count > 0)
        {
            return [];
        }
        return existing.Count > 0 ? existing : throw new PkiException($"{_directory} holds no workload to issue anew; name one with --workload NAMESPACE/SERVICEACCOUNT");
    }

    private void WriteRevocationLists(CertificateAuthority newest, CertificateAuthority? replaced, List<X509Certificate2> revoked)
    {
        if (!_request.Crl && revoked.Count == 0 && !File.Exists(CrlPath))
        {
            return;
        }
        var lists = RevocationLists.Renew(_files, newest, revoked.Where(newest.Issued), _now, _request.LeafLifetime);
        if (replaced is not null)
        {
            lists += RevocationLists.Renew(_oldFiles, replaced, revoked.Where(replaced.Issued), _now, _request.LeafLifetime);
        }
        PkiFile.Replace(CrlPath, lists, PkiFile.Public);
        foreach (var workload in _request.Revoked)
        {
            _output.WriteLine($"revoked the leaf of {workload}");
        }
        _output.WriteLine($"wrote {CrlPath}, in force until {Until(_request.LeafLifetime)}");
    }

    private void TellNext(List<PkiWorkload> receivers, bool twoRoots)
    {
        if (twoRoots)
        {
            _output.WriteLine(_request.NewRoot
                ? "bundles hold the new root and the old one; leaves are still the old one's. Next, when every proxy has read them: issue anew with neither --new-root nor --drop-old-roots"
                : "bundles hold the new root and the old one. When every leaf is the new one's and read: --drop-old-roots");
        }
        if (receivers.Count == 0)
        {
            return;
        }
        _output.WriteLine();
        _output.WriteLine("In l4proxy.yaml:");
        foreach (var workload in receivers)
        {
            var files = new WorkloadFiles(_directory, workload);
            var crl = File.Exists(CrlPath) ? $", crl: {CrlPath}" : "";
            _output.WriteLine($"# {workload}");
            _output.WriteLine($"identity: {{source: files, certificate: {files.Certificate}, privateKey: {files.PrivateKey}, trustBundle: {files.TrustBundle}{crl}}}");
        }
    }

    private string Until(TimeSpan lifetime) => $"{(_now + lifetime).UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC";
}
