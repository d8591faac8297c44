namespace L4Proxy.Core.Policy;

/// <summary>The values of one field about an address.</summary>
internal sealed class NetworkSet
{
    // Up to here, comparing one by one is not slower than walking a trie.
    private const int Few = 8;

    private readonly NetworkTable? _table;

    public NetworkSet(NetworkBits[] networks)
    {
        Networks = networks;
        if (networks.Length > Few)
        {
            _table = new NetworkTable();
            foreach (var network in networks)
            {
                _table.Slot(network) = 1;
            }
        }
    }

    public NetworkBits[] Networks { get; }

    public bool Contains(AddressBits address)
    {
        if (_table is not null)
        {
            var any = default(AnyVisitor);
            _table.Visit(address, ref any);
            return any.Found;
        }
        foreach (var network in Networks)
        {
            if (network.Contains(address))
            {
                return true;
            }
        }
        return false;
    }
}
