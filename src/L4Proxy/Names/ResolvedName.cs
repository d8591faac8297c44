using System.Collections.Immutable;
using System.Net;

namespace L4Proxy.Names;

/// <summary>How well a name is known. The words are those of <c>l4proxy_dns_names</c>.</summary>
internal enum NameState : byte
{
    /// <summary>Its last look-up succeeded.</summary>
    Fresh,

    /// <summary>Its last look-up failed, and its last addresses are in use.</summary>
    Stale,

    /// <summary>It has no address yet.</summary>
    Unresolved,
}

/// <summary>A name and what is known about it. Guarded by the lock of whoever keeps it.</summary>
internal sealed class ResolvedName(string text)
{
    public string Text { get; } = text;

    /// <summary>Of the last look-up that succeeded.</summary>
    public ImmutableArray<IPAddress> Addresses { get; set; } = [];

    /// <summary>Failed look-ups in a row.</summary>
    public int Failures { get; set; }

    /// <summary>False once no registry needs it; its answer is then thrown away.</summary>
    public bool IsNeeded { get; set; } = true;

    public NameState State => Addresses.IsEmpty ? NameState.Unresolved : Failures > 0 ? NameState.Stale : NameState.Fresh;

    /// <summary>The order does not count: servers turn it with every answer.</summary>
    public bool Has(ImmutableArray<IPAddress> addresses) => addresses.Length == Addresses.Length && addresses.All(Addresses.Contains);
}
