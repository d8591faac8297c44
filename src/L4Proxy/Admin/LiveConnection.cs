using L4Proxy.Core.Connections;
using L4Proxy.Core.Policy;

namespace L4Proxy.Admin;

/// <summary>A connection that is open now and that policy has let in.</summary>
/// <param name="Record">Its loop goes on writing what comes later; what policy was told is settled.</param>
/// <param name="Request">What policy was asked about it.</param>
internal readonly record struct LiveConnection(ConnectionRecord Record, AccessRequest Request);
