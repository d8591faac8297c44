using System.Globalization;
using System.Net;
using System.Net.Sockets;
using L4Proxy.Transport.Native;

namespace L4Proxy.Redirect;

/// <summary><c>redirect verify</c>: the proof of <see cref="CaptureProbe"/> with whoever is there to accept, the running proxy or this process.</summary>
internal static class CaptureVerification
{
    /// <summary>Duplicate address detection takes about 1 s (RFC 4862: one probe, RetransTimer 1 s); until then the address cannot be used.</summary>
    private static readonly TimeSpan AddressDeadline = TimeSpan.FromSeconds(3);

    public static async Task<RedirectOutcome> RunAsync(RedirectOptions options, CancellationToken cancellationToken)
    {
        if (WrongUser(options) is { } wrongUser)
        {
            return new RedirectOutcome(false, [wrongUser]);
        }

        var (ipv6, noIpv6) = await Ipv6AddressAsync(options, cancellationToken);
        if (noIpv6 is not null)
        {
            return new RedirectOutcome(false, [noIpv6]);
        }

        // A port below 1024 needs root, so listen first and only then become the proxy: the rules know the proxy by its uid.
        var (listening, cannotListen) = Listen(options.InboundPort);
        if (cannotListen is not null)
        {
            return new RedirectOutcome(false, [cannotListen]);
        }

        using var listener = listening;
        if (BecomeProxy(options) is { } cannot)
        {
            return new RedirectOutcome(false, [cannot]);
        }

        using var answered = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var instance = listener is null ? null : string.Create(CultureInfo.InvariantCulture, $"verify-{Environment.ProcessId}");
        var answering = listener?.AnswerAsync(instance!, answered.Token) ?? Task.CompletedTask;
        var proof = await CaptureProbe.ProveAsync(options.InboundPort, ipv6, instance, cancellationToken);
        await answered.CancelAsync();
        await answering;
        var who = listener is null ? "Asked the proxy that runs here." : "No proxy runs here yet; this process accepted in its place.";
        return new RedirectOutcome(proof.Captured, [who, .. proof.Families.Select(family => family.Sentence)]);
    }

    private static (ProbeListener? Listener, string? Failure) Listen(int port)
    {
        try
        {
            return (ProbeListener.TryListen(port), null);
        }
        catch (SocketException failed)
        {
            return (null, string.Create(CultureInfo.InvariantCulture, $"cannot listen on port {port} in the proxy's place: {failed.Message}."));
        }
    }

    private static string? WrongUser(RedirectOptions options)
    {
        var (uid, gid) = (Credentials.EffectiveUid, Credentials.EffectiveGid);
        return uid == 0 || (uid == options.ProxyUid && gid == (options.ProxyGid ?? gid)) ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"verify connects as the proxy, so it must run as root or as {Proxy(options)}; it runs as uid {uid} gid {gid}.");
    }

    private static string? BecomeProxy(RedirectOptions options)
    {
        if (Credentials.EffectiveUid != 0)
        {
            return null;
        }

        var gid = options.ProxyGid ?? options.ProxyUid;
        return Credentials.TryBecome(options.ProxyUid, gid) is not { } error ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"cannot become uid {options.ProxyUid} gid {gid} ({error}); add the capabilities SETUID and SETGID, or run verify as {Proxy(options)}.");
    }

    private static string Proxy(RedirectOptions options) => options.ProxyGid is { } gid
        ? string.Create(CultureInfo.InvariantCulture, $"uid {options.ProxyUid} gid {gid}")
        : string.Create(CultureInfo.InvariantCulture, $"uid {options.ProxyUid}");

    private static async Task<(IPAddress? Address, string? Missing)> Ipv6AddressAsync(RedirectOptions options, CancellationToken cancellationToken)
    {
        if (options.Ipv6 == Ipv6Capture.Off)
        {
            return (null, null);
        }

        for (var waited = TimeSpan.Zero; ; waited += TimeSpan.FromMilliseconds(50))
        {
            var addresses = HostIpv6.Addresses();
            if (addresses.FirstOrDefault(address => address.IsUsable) is { } usable)
            {
                return (usable.Address, null);
            }

            if (addresses.Count == 0)
            {
                return (null, options.Ipv6 == Ipv6Capture.Auto ? null
                    : "--ipv6 on: this network namespace has no IPv6 address to prove capture with; use --ipv6 auto, or give it one.");
            }

            if (waited >= AddressDeadline)
            {
                return (null, $"the IPv6 address {addresses[0].Address} on {addresses[0].Interface} is not usable "
                    + "(duplicate address detection has not passed).");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
        }
    }
}
