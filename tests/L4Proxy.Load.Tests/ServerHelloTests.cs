using System.Buffers.Binary;
using L4Proxy.Load.Wire;

namespace L4Proxy.Load.Tests;

public sealed class ServerHelloTests
{
    private static readonly byte[] s_tls13 = [0, 43, 0, 2, 3, 4];
    private static readonly byte[] s_x25519 = [0, 51, 0, 4, 0, 0x1d, 0, 0];
    private static readonly byte[] s_preSharedKey = [0, 41, 0, 2, 0, 0];

    [Fact]
    public void What_a_server_chose_is_named() =>
        Assert.Equal("TLS 1.3, TLS_AES_256_GCM_SHA384, x25519, full handshake", $"{ServerHello.Find(Record(0x1302, [.. s_tls13, .. s_x25519]))}");

    [Fact]
    public void A_pre_shared_key_is_a_resumed_session() =>
        Assert.True(ServerHello.Find(Record(0x1301, [.. s_preSharedKey, .. s_tls13]))!.Value.Resumed);

    [Fact]
    public void A_server_of_TLS_1_2_has_its_version_in_the_old_place() =>
        Assert.Equal("TLS 1.2, 0xc02b, full handshake", $"{ServerHello.Find(Record(0xc02b, []))}");

    [Fact]
    public void After_a_retry_request_the_second_answer_counts()
    {
        var retry = Record(0x1302, s_tls13);
        Convert.FromHexString("CF21AD74E59A6111").CopyTo(retry, 5 + 6);
        byte[] changeCipherSpec = [20, 3, 3, 0, 1, 1];

        Assert.True(ServerHello.Find([.. retry, .. changeCipherSpec, .. Record(0x1302, s_tls13)])!.Value.Retried);
        Assert.Null(ServerHello.Find(retry));
    }

    [Fact]
    public void Nothing_is_said_before_the_last_byte_is_there()
    {
        var record = Record(0x1302, s_tls13);

        Assert.All(Enumerable.Range(0, record.Length), length => Assert.Null(ServerHello.Find(record.AsSpan(0, length))));
    }

    private static byte[] Record(ushort cipher, byte[] extensions)
    {
        byte[] tail = [32, .. new byte[32], (byte)(cipher >> 8), (byte)cipher, 0, 0, (byte)extensions.Length, .. extensions];
        byte[] body = [3, 3, .. new byte[32], .. tail];
        byte[] record = [22, 3, 3, 0, 0, 2, 0, 0, (byte)body.Length, .. body];
        BinaryPrimitives.WriteUInt16BigEndian(record.AsSpan(3), (ushort)(record.Length - 5));
        return record;
    }
}
