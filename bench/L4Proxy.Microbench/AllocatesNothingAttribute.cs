namespace L4Proxy.Microbench;

/// <summary>Promises that one operation of this benchmark allocates no byte on the GC heap; <see cref="AllocationGate"/> holds it to that.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class AllocatesNothingAttribute : Attribute;
