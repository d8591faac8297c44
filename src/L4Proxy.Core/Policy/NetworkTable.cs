namespace L4Proxy.Core.Policy;

/// <summary>
/// Networks, each with a number: a binary trie per family with its one-way paths compressed, so that a lookup visits only places where
/// networks differ or end. At most 33 nodes for IPv4 and 129 for IPv6, however many networks there are.
/// </summary>
internal sealed class NetworkTable
{
    // The roots are the networks of length 0. No child is a root, so that 0 can mean none.
    private const int RootV4 = 0;
    private const int RootV6 = 1;

    private Node[] _nodes = new Node[4];
    private int _count = 2;

    /// <summary>The number stored for a network, 0 at first. Valid until the next call.</summary>
    public ref int Slot(NetworkBits network)
    {
        var at = network.IsV4 ? RootV4 : RootV6;
        while (_nodes[at].Length != network.Length)
        {
            var side = Bit(network.Bits, _nodes[at].Length);
            var child = _nodes[at].Child(side);
            var common = child == 0
                ? network.Length
                : Math.Min(Math.Min((int)UInt128.LeadingZeroCount(_nodes[child].Bits ^ network.Bits), network.Length), _nodes[child].Length);
            if (child == 0 || common < _nodes[child].Length)
            {
                // A leaf, or a node between parent and child: the network itself, or the place where both part.
                child = Insert(at, side, child, network.Bits, common);
            }
            at = child;
        }
        return ref _nodes[at].Head;
    }

    public void Visit<TVisitor>(AddressBits address, ref TVisitor visitor)
        where TVisitor : struct, IChainVisitor, allows ref struct
    {
        var at = address.IsV4 ? RootV4 : RootV6;
        while (true)
        {
            ref var node = ref _nodes[at];
            if (node.Head != 0)
            {
                visitor.Visit(node.Head);
            }
            if (node.Length == address.Width)
            {
                return;
            }
            at = node.Child(Bit(address.Bits, node.Length));
            if (at == 0 || (_nodes[at].Bits ^ address.Bits) >> (128 - _nodes[at].Length) != 0)
            {
                return;
            }
        }
    }

    private int Insert(int parent, int side, int child, UInt128 bits, int length)
    {
        if (_count == _nodes.Length)
        {
            Array.Resize(ref _nodes, _count * 2);
        }
        ref var node = ref _nodes[_count];
        node.Bits = bits >> (128 - length) << (128 - length);
        node.Length = (byte)length;
        if (child != 0)
        {
            node.SetChild(Bit(_nodes[child].Bits, length), child);
        }
        _nodes[parent].SetChild(side, _count);
        return _count++;
    }

    private static int Bit(UInt128 bits, int place) => (int)(uint)(bits >> (127 - place)) & 1;

    private struct Node
    {
        public UInt128 Bits;
        public int Head;
        public byte Length;
        private int _zero;
        private int _one;

        public readonly int Child(int side) => side == 0 ? _zero : _one;

        public void SetChild(int side, int child) => (side == 0 ? ref _zero : ref _one) = child;
    }
}
