using L4Proxy.Load.Workloads;

namespace L4Proxy.Load.Running;

/// <summary>What to measure.</summary>
/// <param name="Contenders">Names; the first is the subject, the others are its peers.</param>
/// <param name="Workloads">The workloads, in order.</param>
/// <param name="Blocks">Paired blocks (A B B A) per workload and peer.</param>
/// <param name="Scale">Multiplies the work of every run.</param>
/// <param name="WarmUp">Load on each contender before anything counts.</param>
/// <param name="L4Proxy">Path of the l4proxy binary.</param>
/// <param name="Veth">Network namespaces instead of loopback.</param>
/// <param name="LoadCore">Core of generator and server.</param>
/// <param name="ContenderCore">Core of the contenders.</param>
internal sealed record Plan(
    IReadOnlyList<string> Contenders,
    IReadOnlyList<IWorkload> Workloads,
    int Blocks,
    double Scale,
    TimeSpan WarmUp,
    string L4Proxy,
    bool Veth,
    int LoadCore,
    int ContenderCore);
