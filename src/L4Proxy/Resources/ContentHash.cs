using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace L4Proxy.Resources;

/// <summary>SHA-256 of some content: what is equal need not be read again.</summary>
internal readonly record struct ContentHash(UInt128 First, UInt128 Second)
{
    public static ContentHash Of(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, hash);
        return new(BinaryPrimitives.ReadUInt128BigEndian(hash), BinaryPrimitives.ReadUInt128BigEndian(hash[16..]));
    }

    public static ContentHash Of(ReadOnlySpan<char> text) => Of(MemoryMarshal.AsBytes(text));
}
