using System.Collections.Immutable;
using System.Globalization;
using System.Net;

namespace L4Proxy.Names;

/// <summary>What /etc/resolv.conf says (resolv.conf(5)), within the bounds of the C library.</summary>
internal sealed record ResolverConfiguration
{
    private const int Port = 53;

    // MAXNS, RES_MAXRETRANS, RES_MAXRETRY, RES_MAXNDOTS of glibc. Its search list has had no bound since 2.26; Kubernetes allows 32.
    private const int MaxServers = 3, MaxTimeout = 30, MaxAttempts = 5, MaxDots = 15, MaxSearch = 32;

    /// <summary>Asked one after the other.</summary>
    public ImmutableArray<IPEndPoint> Servers { get; init; } = [new(IPAddress.Loopback, Port)];

    /// <summary>For one server and one attempt.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often the list of servers is gone through.</summary>
    public int Attempts { get; init; } = 2;

    /// <summary>Names with fewer dots are looked for in <see cref="Search"/> first.</summary>
    public int Dots { get; init; } = 1;

    public ImmutableArray<string> Search { get; init; } = [];

    /// <summary>Whether TCP is used from the start (<c>use-vc</c>).</summary>
    public bool OnlyTcp { get; init; }

    /// <summary>What cannot be read is passed over, as the C library does.</summary>
    public static ResolverConfiguration Parse(string text)
    {
        var configuration = new ResolverConfiguration();
        var servers = ImmutableArray.CreateBuilder<IPEndPoint>();
        foreach (var line in text.Split('\n'))
        {
            var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || words[0][0] is '#' or ';')
            {
                continue;
            }
            switch (words[0])
            {
                case "nameserver" when servers.Count < MaxServers && IPAddress.TryParse(words[1], out var address):
                    servers.Add(new IPEndPoint(address, Port));
                    break;
                case "search" or "domain":
                    // The last line counts.
                    configuration = configuration with { Search = [.. words[1..].Take(MaxSearch)] };
                    break;
                case "options":
                    configuration = words[1..].Aggregate(configuration, (so, option) => so.With(option));
                    break;
                default:
                    break;
            }
        }
        return servers.Count > 0 ? configuration with { Servers = servers.ToImmutable() } : configuration;
    }

    /// <summary>The complete names to ask for, in order, by the rule of the C library: a name with few dots may be a short one.</summary>
    public IEnumerable<string> Candidates(string name)
    {
        if (!name.EndsWith('.') && name.Count(letter => letter == '.') < Dots)
        {
            foreach (var domain in Search)
            {
                yield return domain is "." ? name : $"{name}.{domain}";
            }
        }
        yield return name;
    }

    private ResolverConfiguration With(string option) => option.Split(':') switch
    {
        ["timeout", var text] when Number(text) is { } seconds => this with { Timeout = TimeSpan.FromSeconds(Math.Clamp(seconds, 1, MaxTimeout)) },
        ["attempts", var text] when Number(text) is { } attempts => this with { Attempts = Math.Clamp(attempts, 1, MaxAttempts) },
        ["ndots", var text] when Number(text) is { } dots => this with { Dots = Math.Clamp(dots, 0, MaxDots) },
        ["use-vc"] => this with { OnlyTcp = true },
        _ => this,
    };

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
