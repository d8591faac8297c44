using System.Buffers.Binary;
using BenchmarkDotNet.Attributes;
using L4Proxy.Core.Detection;

namespace L4Proxy.Microbench.Detection;

/// <summary>
/// Asked once per accepted inbound connection, and again whenever a part of a ClientHello arrives. Leaves out the peek itself. A whole
/// hello allocates what it tells: the object, the name, the list of protocols.
/// </summary>
public class ProtocolDetectorBenchmark
{
    private readonly byte[] _small = Hello(500, 16384);
    private readonly byte[] _postQuantum = Hello(1800, 16384);
    private readonly byte[] _inRecords = Hello(1800, 100);
    // The most record headers that are accepted, and a byte short of the verdict.
    private readonly byte[] _worst = Hello(16380, 5)[..^1];
    private readonly byte[] _plaintext = "GET /index.html HTTP/1.1\r\nHost: web.demo.svc.cluster.local\r\n\r\n"u8.ToArray();

    [GlobalSetup]
    public void Check()
    {
        foreach (var hello in new[] { _small, _postQuantum, _inRecords })
        {
            if (ProtocolDetector.Detect(hello) is not { Verdict: Verdict.MeshTls, Hello.ServerName: "web.demo.svc.cluster.local" })
            {
                throw new InvalidOperationException("ProtocolDetector gives wrong answers: a timing of it would mean nothing.");
            }
        }
        if (Half_a_hello() != Verdict.NeedMore || Worst_records() != Verdict.NeedMore || Plaintext() != Verdict.Plaintext)
        {
            throw new InvalidOperationException("ProtocolDetector gives wrong answers: a timing of it would mean nothing.");
        }
    }

    [Benchmark(Baseline = true, Description = "hello of 500 bytes")]
    public Verdict Small_hello() => ProtocolDetector.Detect(_small).Verdict;

    [Benchmark(Description = "hello of 1.8 KiB")]
    public Verdict Post_quantum_hello() => ProtocolDetector.Detect(_postQuantum).Verdict;

    [Benchmark(Description = "hello of 1.8 KiB in 18 records")]
    public Verdict Hello_in_records() => ProtocolDetector.Detect(_inRecords).Verdict;

    [Benchmark(Description = "half of a hello of 1.8 KiB")]
    [AllocatesNothing]
    public Verdict Half_a_hello() => ProtocolDetector.Detect(_postQuantum.AsSpan(0, 900)).Verdict;

    [Benchmark(Description = "16 KiB in 3276 records, but the last byte")]
    [AllocatesNothing]
    public Verdict Worst_records() => ProtocolDetector.Detect(_worst).Verdict;

    [Benchmark(Description = "plaintext")]
    [AllocatesNothing]
    public Verdict Plaintext() => ProtocolDetector.Detect(_plaintext).Verdict;

    /// <summary>A hello of a mesh peer, filled up by an extension nobody knows, as a message in records of a given size.</summary>
    private static byte[] Hello(int messageBytes, int recordBytes)
    {
        byte[] known =
        [
            0, 0, 0, 31, 0, 29, 0, 0, 26, .. "web.demo.svc.cluster.local"u8,
            0, 16, 0, 8, 0, 6, 5, .. "istio"u8,
            0, 43, 0, 5, 4, 3, 4, 3, 3,
        ];
        var filling = messageBytes - 4 - 2 - 32 - 1 - 2 - 6 - 2 - 2 - known.Length - 4;
        byte[] extensions = [.. known, 0x12, 0x34, (byte)(filling >> 8), (byte)filling, .. new byte[filling]];
        byte[] message =
        [
            1, 0, (byte)((messageBytes - 4) >> 8), (byte)(messageBytes - 4), 3, 3, .. new byte[32], 0, 0, 6, 19, 1, 19, 2, 19, 3, 1, 0,
            (byte)(extensions.Length >> 8), (byte)extensions.Length, .. extensions,
        ];
        return [.. message.Chunk(recordBytes).SelectMany(Record)];

        static byte[] Record(byte[] fragment)
        {
            byte[] record = [22, 3, 1, 0, 0, .. fragment];
            BinaryPrimitives.WriteUInt16BigEndian(record.AsSpan(3), (ushort)fragment.Length);
            return record;
        }
    }
}
