using System.Runtime.InteropServices;

namespace L4Proxy.Core.Policy;

/// <summary>A number for every key: how many rules have it while an index is planned, the first of them when it is asked.</summary>
internal sealed class KeyTables
{
    private readonly NameTable?[] _names = new NameTable?[(int)KeyTable.ServerNames + 1];
    private readonly NetworkTable?[] _networks = new NetworkTable?[3];
    private Dictionary<int, int>? _ports;

    /// <summary>0 at first. Valid until the next call.</summary>
    public ref int Slot(in RuleKey key)
    {
        switch (key.Table)
        {
            case KeyTable.Ports:
                return ref CollectionsMarshal.GetValueRefOrAddDefault(_ports ??= [], key.Port, out _);
            case KeyTable.SourceNetworks or KeyTable.RemoteNetworks or KeyTable.DestinationNetworks:
                return ref (_networks[key.Table - KeyTable.SourceNetworks] ??= new()).Slot(key.Network);
            default:
                return ref (_names[(int)key.Table] ??= new()).Slot(key.Name);
        }
    }

    /// <summary>Tells of every key that a connection has.</summary>
    public void Visit<TVisitor>(in ConnectionFacts facts, ref TVisitor visitor)
        where TVisitor : struct, IChainVisitor, allows ref struct
    {
        if (facts.Peer is { } peer)
        {
            _names[(int)KeyTable.Paths]?.Visit(peer.Path, ref visitor);
            if (!facts.IsAlias)
            {
                _names[(int)KeyTable.Texts]?.Visit(peer.Principal, ref visitor);
            }
            _names[(int)KeyTable.Namespaces]?.Visit(facts.Namespace, ref visitor);
            _names[(int)KeyTable.TrustDomains]?.Visit(facts.TrustDomain, ref visitor);
        }
        _names[(int)KeyTable.ServerNames]?.Visit(facts.ServerName, ref visitor);
        _networks[0]?.Visit(facts.Source, ref visitor);
        _networks[1]?.Visit(facts.Remote, ref visitor);
        _networks[2]?.Visit(facts.Destination, ref visitor);
        if (_ports is not null && _ports.TryGetValue(facts.Port, out var head))
        {
            visitor.Visit(head);
        }
    }
}
