using L4Proxy.Load.Measuring;
using L4Proxy.Load.Running;

namespace L4Proxy.Load.Workloads;

/// <summary>A fixed amount of work, the same for every contender.</summary>
internal interface IWorkload
{
    /// <summary>What users give to <c>--workloads</c>.</summary>
    string Name { get; }

    string Title { get; }

    /// <summary>Unit of <see cref="Sample.Cost"/>, for instance "CPU s/GB".</summary>
    string Unit { get; }

    /// <summary>Unit of <see cref="Sample.Rate"/>; empty where a rate says nothing.</summary>
    string RateUnit { get; }

    /// <summary>What this project wants to reach; null where nothing is set.</summary>
    Goal? Goal { get; }

    /// <summary>Whether each run needs a new process of the contender: memory that was used once is not given back.</summary>
    bool FreshProcess { get; }

    /// <summary>Runs once; <paramref name="scale"/> multiplies the amount of work, where that does not spoil the result.</summary>
    Sample Run(Lane lane, double scale);
}
