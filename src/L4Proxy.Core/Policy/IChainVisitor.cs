namespace L4Proxy.Core.Policy;

/// <summary>Is told what a table holds for a value. A structure, so that looking up neither allocates nor calls through a table of methods.</summary>
internal interface IChainVisitor
{
    /// <param name="head">What was stored; never 0.</param>
    void Visit(int head);
}

/// <summary>Only whether there is anything.</summary>
internal struct AnyVisitor : IChainVisitor
{
    public bool Found { get; private set; }

    public void Visit(int head) => Found = true;
}
