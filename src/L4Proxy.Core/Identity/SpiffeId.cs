namespace L4Proxy.Core.Identity;

/// <summary>placeholder replaced on its branch</summary>
public sealed class SpiffeId;
