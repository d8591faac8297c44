namespace L4Proxy.Core.Routing;

/// <summary>What has a place in an order, for the case that a key has several values. Interface, so that indexes call it without a comparer object.</summary>
internal interface IPreceding<in T>
{
    /// <summary>Strictly: nothing precedes itself.</summary>
    bool Precedes(T other);
}
