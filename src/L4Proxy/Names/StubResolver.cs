using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace L4Proxy.Names;

/// <summary>
/// Asks the servers of /etc/resolv.conf for addresses, after /etc/hosts. Our own, because the BCL's resolver does not say how long an
/// answer may be kept and blocks a thread for each. Thread-safe; neither throws for what a server or a file says.
/// </summary>
internal sealed class StubResolver
{
    /// <summary>The file has no time to live; it is looked at again as soon as most servers would want.</summary>
    private static readonly TimeSpan _hostsTimeToLive = TimeSpan.FromSeconds(30);

    private readonly ReadFile<HostsFile> _hosts;
    private readonly Func<ResolverConfiguration> _configuration;
    private readonly Func<AddressFamily, bool> _hasFamily;
    private readonly TimeProvider _time;

    /// <summary>Of this machine.</summary>
    public StubResolver(TimeProvider time)
    {
        var file = new ReadFile<ResolverConfiguration>("/etc/resolv.conf", ResolverConfiguration.Parse);
        (_hosts, _configuration, _hasFamily, _time) = (new("/etc/hosts", HostsFile.Parse), () => file.Content, HasFamily, time);
    }

    /// <summary>Of another, or of none.</summary>
    /// <param name="configuration">Asked for every look-up.</param>
    /// <param name="hosts">Path of the hosts file; it need not exist.</param>
    /// <param name="hasFamily">Whether addresses of a family could be dialled at all.</param>
    public StubResolver(Func<ResolverConfiguration> configuration, string hosts, Func<AddressFamily, bool> hasFamily, TimeProvider time) =>
        (_hosts, _configuration, _hasFamily, _time) = (new(hosts, HostsFile.Parse), configuration, hasFamily, time);

    /// <summary>Never fails: what goes wrong is in the answer.</summary>
    /// <param name="name">As written: complete, or short and completed as the machine's resolver would.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="OperationCanceledException">Given up.</exception>
    public async Task<DnsAnswer> ResolveAsync(string name, CancellationToken cancellationToken)
    {
        if (_hosts.Content.Find(name) is { IsEmpty: false } written)
        {
            return new DnsAnswer(DnsResult.Resolved, written, _hostsTimeToLive, Detail: null);
        }
        var configuration = _configuration();
        DnsAnswer? failure = null;
        foreach (var candidate in configuration.Candidates(name))
        {
            var answer = DnsName.TryParse(candidate, out var complete)
                ? await BothFamiliesAsync(configuration, complete, cancellationToken)
                : DnsAnswer.Failed(DnsResult.NxDomain, $"'{candidate}' is not a domain name");
            // Silence ends the search: behind it may be the one that is meant, and the next candidate would be somebody else.
            if (answer.Result is DnsResult.Resolved or DnsResult.Timeout)
            {
                return answer;
            }
            failure = failure is null || answer.Result > failure.Result ? answer : failure;
        }
        return failure!;
    }

    private async Task<DnsAnswer> BothFamiliesAsync(ResolverConfiguration configuration, DnsName name, CancellationToken cancellationToken)
    {
        // A host without the family could only fail to dial such addresses; a host with neither (loopback alone) is not held to it.
        var (v4, v6) = (_hasFamily(AddressFamily.InterNetwork), _hasFamily(AddressFamily.InterNetworkV6));
        if (v4 != v6)
        {
            return await AskAsync(configuration, name, v4 ? DnsType.A : DnsType.Aaaa, cancellationToken);
        }
        var answers = await Task.WhenAll(
            AskAsync(configuration, name, DnsType.A, cancellationToken), AskAsync(configuration, name, DnsType.Aaaa, cancellationToken));
        return Join(answers[0], answers[1]);
    }

    private static DnsAnswer Join(DnsAnswer v4, DnsAnswer v6) => (v4.Result, v6.Result) switch
    {
        (DnsResult.Resolved, DnsResult.Resolved) => v4 with
        {
            Addresses = v4.Addresses.AddRange(v6.Addresses), TimeToLive = v4.TimeToLive < v6.TimeToLive ? v4.TimeToLive : v6.TimeToLive,
        },
        (DnsResult.Resolved, DnsResult.ServFail or DnsResult.Timeout) => v4 with { Missing = AddressFamily.InterNetworkV6 },
        (DnsResult.ServFail or DnsResult.Timeout, DnsResult.Resolved) => v6 with { Missing = AddressFamily.InterNetwork },
        (DnsResult.Resolved, _) => v4,
        (_, DnsResult.Resolved) => v6,
        // Of two failures the one that leaves more open: what is not known must not pass for "does not exist".
        _ => v4.Result > v6.Result ? v4 : v6,
    };

    private async Task<DnsAnswer> AskAsync(ResolverConfiguration configuration, DnsName name, DnsType type, CancellationToken cancellationToken)
    {
        var failure = DnsAnswer.Failed(DnsResult.ServFail, "no server was asked");
        for (var attempt = 0; attempt < configuration.Attempts; attempt++)
        {
            foreach (var server in configuration.Servers)
            {
                var answer = await AskAsync(configuration, server, name, type, cancellationToken);
                if (answer.Result is not (DnsResult.ServFail or DnsResult.Timeout))
                {
                    return answer;
                }
                failure = answer;
            }
        }
        return failure;
    }

    private async Task<DnsAnswer> AskAsync(
        ResolverConfiguration configuration, IPEndPoint server, DnsName name, DnsType type, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(configuration.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await DnsExchange.AskAsync(server, name, type, configuration.OnlyTcp, either.Token) switch
            {
                { Code: DnsResponse.NoError, Addresses.IsEmpty: false } response =>
                    new DnsAnswer(DnsResult.Resolved, [.. response.Addresses.Distinct()], response.TimeToLive, Detail: null),
                { Code: DnsResponse.NoError } => DnsAnswer.Failed(DnsResult.NoData, $"{server} knows the name and no address of it"),
                { Code: DnsResponse.NameError } => DnsAnswer.Failed(DnsResult.NxDomain, $"{server} says that there is no such name"),
                { } response => DnsAnswer.Failed(DnsResult.ServFail, $"{server} answered {Words(response.Code)}"),
                null => DnsAnswer.Failed(DnsResult.ServFail, $"{server} sent nothing that answers the question"),
            };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return DnsAnswer.Failed(DnsResult.Timeout, $"{server} did not answer within {configuration.Timeout.TotalSeconds:0} s");
        }
        catch (Exception unreachable) when (unreachable is SocketException or IOException)
        {
            return DnsAnswer.Failed(DnsResult.ServFail, $"{server} cannot be asked: {unreachable.Message}");
        }
    }

    private static string Words(int code) => code switch
    {
        DnsResponse.FormatError => "FORMERR",
        DnsResponse.ServerFailure => "SERVFAIL",
        DnsResponse.NotImplemented => "NOTIMP",
        DnsResponse.Refused => "REFUSED",
        _ => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"response code {code}"),
    };

    /// <summary>Whether any interface but loopback has an address of the family that leads further than its own link.</summary>
    private static bool HasFamily(AddressFamily family)
    {
        try
        {
            return NetworkInterface.GetAllNetworkInterfaces().SelectMany(each => each.GetIPProperties().UnicastAddresses)
                .Any(each => each.Address.AddressFamily == family && !IPAddress.IsLoopback(each.Address) && !each.Address.IsIPv6LinkLocal);
        }
        catch (NetworkInformationException)
        {
            return true;
        }
    }
}
