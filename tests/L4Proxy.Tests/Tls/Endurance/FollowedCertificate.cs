namespace L4Proxy.Tests.Tls.Endurance;

/// <summary>The files of one workload as a peer that is not ours follows them: read anew whenever <c>pki dev</c> has swapped them.</summary>
internal sealed class FollowedCertificate(string directory)
{
    private readonly Lock _gate = new();
    private (string Target, WorkloadCertificate Certificate)? _read;

    public WorkloadCertificate Current
    {
        get
        {
            lock (_gate)
            {
                while (_read is not { } read || read.Target != Target())
                {
                    Read();
                }
                return _read.Value.Certificate;
            }
        }
    }

    // The directory a swap leads to is taken away by the next swap, perhaps while it is being read; then that one is read instead.
    private void Read()
    {
        var target = Target();
        try
        {
            _read = (target, WorkloadCertificate.In(Path.Combine(directory, target)));
        }
        catch (Exception gone) when (Target() != target && gone is IOException)
        {
            _read = null;
        }
    }

    private string Target() => new FileInfo(Path.Combine(directory, "..data")).LinkTarget!;
}
