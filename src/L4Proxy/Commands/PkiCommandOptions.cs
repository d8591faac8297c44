using System.CommandLine;
using L4Proxy.Configuration.Binding;
using L4Proxy.Pki;

namespace L4Proxy.Commands;

/// <summary>The options of <c>pki dev</c>, read as text so that every wrong one is reported at once.</summary>
internal sealed class PkiCommandOptions
{
    private static readonly TimeSpan _shortest = TimeSpan.FromSeconds(10);
    private static readonly PkiRequest _defaults = new("");

    private readonly Option<string> _out = new("--out") { HelpName = "DIR", Required = true, Description = "The directory; made where it is missing." };
    private readonly Option<string[]> _workloads = new("--workload")
    {
        HelpName = "NAMESPACE/SERVICEACCOUNT",
        Description = "Who gets a certificate; may be repeated. Default: everybody who has one.",
    };

    private readonly Option<string> _trustDomain = new("--trust-domain")
    {
        HelpName = "NAME",
        Description = "The SPIFFE trust domain. Default: the directory's, else cluster.local.",
    };

    private readonly Option<string> _ttl = new("--ttl")
    {
        HelpName = "duration",
        Description = "How long a certificate and a CRL are in force, at least 10s. Default: 24h.",
    };

    private readonly Option<string> _caTtl = new("--ca-ttl")
    {
        HelpName = "duration",
        Description = "The same of a root and an intermediate that this run makes. Default: 720h.",
    };

    private readonly Option<bool> _newRoot = new("--new-root") { Description = "Begins a new root; every bundle then holds the old one as well." };
    private readonly Option<bool> _dropOldRoots = new("--drop-old-roots") { Description = "Takes the old root out of every bundle." };
    private readonly Option<bool> _crl = new("--crl") { Description = "Writes DIR/ca-crl.pem, now and with every later run." };
    private readonly Option<string[]> _revoke = new("--revoke")
    {
        HelpName = "NAMESPACE/SERVICEACCOUNT",
        Description = "Whose present certificate is put on the CRL; may be repeated.",
    };

    private readonly Option<string> _owner = new("--owner")
    {
        HelpName = "UID:GID",
        Description = "Who is given the workloads' files, now and with every later run; needs root. The keys of the authority stay with root.",
    };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _out, _workloads, _trustDomain, _ttl, _caTtl, _newRoot, _dropOldRoots, _crl, _revoke, _owner })
        {
            command.Options.Add(option);
        }
    }

    /// <returns>Null with what is wrong, one line each.</returns>
    public PkiRequest? Read(ParseResult parsed, out List<string> errors)
    {
        var wrong = errors = [];
        var request = new PkiRequest(parsed.GetValue(_out)!)
        {
            Workloads = [.. Each(_workloads, Workload).OfType<PkiWorkload>()],
            TrustDomain = One(_trustDomain, WorkloadText.TrustDomain, null!),
            LeafLifetime = One(_ttl, Lifetime, _defaults.LeafLifetime),
            AuthorityLifetime = One(_caTtl, Lifetime, _defaults.AuthorityLifetime),
            NewRoot = parsed.GetValue(_newRoot),
            DropOldRoots = parsed.GetValue(_dropOldRoots),
            Crl = parsed.GetValue(_crl),
            Revoked = [.. Each(_revoke, Workload).OfType<PkiWorkload>()],
            Owner = One(_owner, Owner, null!),
        };
        if (request.Directory.Length == 0)
        {
            wrong.Add("--out: '' is no directory; name one");
        }
        if (request is { NewRoot: true, DropOldRoots: true })
        {
            wrong.Add("--drop-old-roots: not together with --new-root; proxies need the time between to read both roots");
        }
        return wrong.Count == 0 ? request : null;

        T One<T>(Option<string> option, Func<string, T> read, T absent) =>
            parsed.GetValue(option) is { } text ? Try(option, text, read, absent) : absent;

        IEnumerable<T?> Each<T>(Option<string[]> option, Func<string, T> read) where T : class =>
            (parsed.GetValue(option) ?? []).Select(text => Try<T?>(option, text, read, null));

        T Try<T>(Option option, string text, Func<string, T> read, T otherwise)
        {
            try
            {
                return read(text);
            }
            catch (FormatException error)
            {
                wrong.Add($"{option.Name}: {error.Message}");
                return otherwise;
            }
        }
    }

    private static PkiWorkload Workload(string text)
    {
        if (text.Split('/') is not [var space, var account])
        {
            throw new FormatException($"'{text}' is not a workload; write NAMESPACE/SERVICEACCOUNT, such as demo/shop");
        }
        return WorkloadText.Name(space) is { Length: <= 63 } label && !label.Contains('.', StringComparison.Ordinal)
            ? new PkiWorkload(label, WorkloadText.Name(account))
            : throw new FormatException($"'{space}' is not a Kubernetes namespace; use lower-case letters, digits and '-', at most 63");
    }

    private static TimeSpan Lifetime(string text)
    {
        try
        {
            if (ScalarText.Duration(text) is var duration && duration >= _shortest)
            {
                return duration;
            }
        }
        catch (FormatException)
        {
            // One sentence for all of it: the words of the configuration speak of timers.
        }
        throw new FormatException($"'{text}' is not accepted; write a whole number and one unit (s, m or h), from 10s to 1176h");
    }

    private static FileOwner Owner(string text) => FileOwner.Parse(text)
        ?? throw new FormatException($"'{text}' is not a user and a group; write their numbers, such as 1337:1337");
}
