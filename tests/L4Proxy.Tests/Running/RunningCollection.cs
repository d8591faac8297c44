namespace L4Proxy.Tests.Running;

/// <summary>
/// Tests that start the proxy as its own process. They measure CPU, memory and time of that process, so nothing else runs beside them.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RunningCollection
{
    public const string Name = "running proxy";
}
