using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace L4Proxy.Core.Identity;

/// <summary>
/// What was judged, as the SHA-256 of the role and of every certificate presented, each led by its length: no other handshake has the
/// same key unless it showed the same bytes in the same order.
/// </summary>
internal readonly record struct ChainKey(UInt128 High, UInt128 Low)
{
    private const int LengthSize = sizeof(int);

    public static ChainKey Of(PeerRole role, X509Certificate2 leaf, X509Certificate2Collection presented)
    {
        var size = 1 + LengthSize + leaf.RawDataMemory.Length;
        for (var i = 0; i < presented.Count; i++)
        {
            size += LengthSize + presented[i].RawDataMemory.Length;
        }
        var buffer = ArrayPool<byte>.Shared.Rent(size);
        buffer[0] = (byte)role;
        var length = Append(buffer, 1, leaf.RawDataMemory.Span);
        for (var i = 0; i < presented.Count; i++)
        {
            length = Append(buffer, length, presented[i].RawDataMemory.Span);
        }
        var key = Of(buffer.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(buffer);
        return key;
    }

    /// <summary>The bits are those of SHA-256: any 32 of them are as good a hash as all.</summary>
    public override int GetHashCode() => (int)Low;

    private static ChainKey Of(ReadOnlySpan<byte> judged)
    {
        Span<UInt128> halves = stackalloc UInt128[2];
        SHA256.HashData(judged, MemoryMarshal.AsBytes(halves));
        return new ChainKey(halves[0], halves[1]);
    }

    private static int Append(byte[] buffer, int at, ReadOnlySpan<byte> certificate)
    {
        BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(at), certificate.Length);
        certificate.CopyTo(buffer.AsSpan(at + LengthSize));
        return at + LengthSize + certificate.Length;
    }
}
