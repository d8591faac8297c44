using System.Net;
namespace L4Proxy.Core.Detection;
public enum ProxyHeaderStatus { NeedMore, Invalid, Complete }
public readonly record struct ProxyHeader(int Length, IPEndPoint? Source, IPEndPoint? Destination, string? Problem);
public static class ProxyHeaderParser { public static ProxyHeaderStatus Parse(ReadOnlySpan<byte> arrived, out ProxyHeader header) { header = default; return ProxyHeaderStatus.Invalid; } }
public static class ProxyHeaderWriter { public const int MaxLength = 512; public static int WriteV2(Span<byte> destination, IPEndPoint? source, IPEndPoint? target, string? peerIdentity) => 0; }
