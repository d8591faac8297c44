using System.Collections.Immutable;
using System.Net;
using L4Proxy.Core.Policy;

namespace L4Proxy.Core.Tests.Policy;

/// <summary>Policies and connections from a world so small that they often meet. One seed, one world.</summary>
internal sealed class RandomPolicies(int seed)
{
    private static readonly string[] _domains = ["cluster.local", "prod.example", "old.example", "other.example", "local"];
    private static readonly string[] _names = ["shop", "shopping", "op", "pay"];
    private static readonly string[] _accounts = ["web", "cobweb", "cart", "w"];
    private static readonly string[] _odd = ["cluster.local", "prod.example", "other.example", "prod.example/ns/shop", "other.example/web", "old.example/ns/shop/sa/web/x"];
    private static readonly string[] _serverNames = ["db.shop", "shop", "a.db.shop", "db.pay"];
    private static readonly string[] _addresses = ["10.1.2.3", "10.1.2.4", "10.1.3.3", "192.0.2.9", "::ffff:10.1.2.3", "fd00::1", "fd00::2", "fd00:1::1", "::1", "0.0.0.0"];
    private static readonly int[] _ports = [80, 443, 8080, 9000];

#pragma warning disable CA5394 // the same seed must give the same policies
    private readonly Random _random = new(seed);

    public ImmutableArray<AuthorizationPolicy> Policies(int most) => [.. Enumerable.Range(0, _random.Next(most + 1)).Select(Policy)];

    public AuthorizationPolicy Policy(int number)
    {
        var name = $"{Pick("shop", "shop", "istio-system", "other")}/p{number:D3}";
        var rules = Enumerable.Range(0, _random.Next(4)).Select(_ => Rule()).ToArray();
        var policy = Written.Policy(Pick(PolicyAction.Allow, PolicyAction.Allow, PolicyAction.Deny, PolicyAction.Deny, PolicyAction.Audit), name, rules);
        return (_random.Next(8) switch
        {
            0 => policy.For(("app", "cart")),
            1 => policy.For(("app", "other")),
            _ => policy,
        }) with { IsDryRun = _random.Next(4) == 0 };
    }

    /// <summary>One policy more, less or different; or the same, read again.</summary>
    public ImmutableArray<AuthorizationPolicy> Changed(ImmutableArray<AuthorizationPolicy> policies)
    {
        var place = _random.Next(Math.Max(1, policies.Length));
        if (policies.IsEmpty || _random.Next(5) == 0)
        {
            return policies.Insert(place, Policy(500 + _random.Next(100)));
        }
        var policy = policies[place];
        return _random.Next(8) switch
        {
            0 => policies.RemoveAt(place),
            1 => policies.SetItem(place, policy with { IsDryRun = !policy.IsDryRun }),
            2 => policies.SetItem(place, policy with { Action = Pick(PolicyAction.Allow, PolicyAction.Deny, PolicyAction.Audit) }),
            3 => policies.SetItem(place, policy with { Rules = policy.Rules.Add(Rule() with { Index = policy.Rules.Length }) }),
            4 => policies.SetItem(place, policy with { Rules = [.. policy.Rules.Skip(1)] }),
            5 => policies.SetItem(place, policy.For(("app", Pick("cart", "other")))),
            6 => [.. policies.Select(read => read with { Origin = read.Origin.At(77), Rules = [.. read.Rules.Select(Again)] })],
            _ => policies.SetItem(place, Policy(place)),
        };
    }

    public AccessRequest Request()
    {
        var source = Address();
        var peer = _random.Next(6) == 0 ? null : _random.Next(8) == 0 ? Pick(_odd) : Principal();
        return new(
            peer is null ? null : Written.Id(peer), source, _random.Next(2) == 0 ? source : Address(), new IPEndPoint(Address(), Pick(_ports)),
            _random.Next(2) == 0 ? null : Pick(_serverNames));
    }

    public TItem Pick<TItem>(params TItem[] items) => items[_random.Next(items.Length)];

    private static PolicyRule Again(PolicyRule rule) => rule with { Line = 88, Clauses = [.. rule.Clauses.Select(clause => new PolicyClause([.. clause.Matches.Select(match => match with { Line = 99 })]))] };

    private PolicyRule Rule() => Written.Clauses([.. Enumerable.Range(0, _random.Next(12) == 0 ? 0 : 1 + _random.Next(3)).Select(_ => Clause())]);

    private PolicyClause Clause() => Written.Clause([.. Enumerable.Range(0, _random.Next(12) == 0 ? 0 : 1 + _random.Next(3)).Select(_ => Match())]);

    private PolicyMatch Match()
    {
        var match = new PolicyMatch { Line = 30 };
        for (var fields = _random.Next(10) == 0 ? 0 : 1 + _random.Next(2); fields > 0; fields--)
        {
            match = _random.Next(18) switch
            {
                0 => match with { Principals = Some(() => Pattern(_random.Next(6) == 0 ? Pick(_odd) : Principal())) },
                1 => match with { NotPrincipals = Some(() => Pattern(_random.Next(6) == 0 ? Pick(_odd) : Principal())) },
                2 => match with { Namespaces = Some(() => Pattern(Pick(_names))) },
                3 => match with { NotNamespaces = Some(() => Pattern(Pick(_names))) },
                4 => match with { ServiceAccounts = Some(() => new ServiceAccount(Pick(_names), Pick(_accounts))) },
                5 => match with { NotServiceAccounts = Some(() => new ServiceAccount(Pick(_names), Pick(_accounts))) },
                6 => match with { TrustDomains = Some(() => Pattern(Pick(_domains))) },
                7 => match with { NotTrustDomains = Some(() => Pattern(Pick(_domains))) },
                8 => match with { ServerNames = Some(() => Pattern(Pick(_serverNames))) },
                9 => match with { NotServerNames = Some(() => Pattern(Pick(_serverNames))) },
                10 => match with { SourceNetworks = Some(Network) },
                11 => match with { NotSourceNetworks = Some(Network) },
                12 => match with { RemoteNetworks = Some(Network) },
                13 => match with { NotRemoteNetworks = Some(Network) },
                14 => match with { DestinationNetworks = Some(Network) },
                15 => match with { NotDestinationNetworks = Some(Network) },
                16 => match with { Ports = Some(() => Pick(_ports)) },
                _ => match with { NotPorts = Some(() => Pick(_ports)) },
            };
        }
        return match;
    }

    // Mostly few; sometimes so many that they are looked up in a table.
    private ImmutableArray<TValue> Some<TValue>(Func<TValue> make) =>
        [.. Enumerable.Range(0, _random.Next(6) == 0 ? 12 : 1 + _random.Next(2)).Select(_ => make())];

    private string Principal() => $"{Pick(_domains)}/ns/{Pick(_names)}/sa/{Pick(_accounts)}";

    private TextPattern Pattern(string text) => _random.Next(8) switch
    {
        0 => new(PatternKind.Presence, ""),
        1 or 2 => new(PatternKind.Prefix, text[.._random.Next(text.Length + 1)]),
        3 or 4 => new(PatternKind.Suffix, text[_random.Next(text.Length + 1)..]),
        _ => new(PatternKind.Exact, text),
    };

    private IPAddress Address() => IPAddress.Parse(Pick(_addresses));

    private IPNetwork Network()
    {
        var bytes = Address().GetAddressBytes();
        var length = Pick(0, 1, 8, 16, 24, 31, 32, 96, 104, 112, 127, 128, _random.Next(129)) % ((bytes.Length * 8) + 1);
        for (var bit = length; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }
        return new IPNetwork(new IPAddress(bytes), length);
    }
#pragma warning restore CA5394
}
