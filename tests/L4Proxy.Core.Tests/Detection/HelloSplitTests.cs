using L4Proxy.Core.Detection;

namespace L4Proxy.Core.Tests.Detection;

/// <summary>A hello reads the same however it was cut, and is waited for until its last byte.</summary>
public sealed class HelloSplitTests
{
    public static TheoryData<string> Names => [.. HelloCorpus.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void It_is_waited_for_at_every_byte_and_read_at_the_last(string name)
    {
        var records = HelloBytes.Records(HelloCorpus.All[name], 16384);

        AssertWaitedForThenRead(records, every: 1, name);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void It_reads_the_same_in_records_of_every_size(string name)
    {
        var message = HelloCorpus.All[name];

        // 16 KiB in single bytes would be more record headers than are accepted; a prime step for the rest keeps it to seconds.
        var (smallest, step) = message.Length > 4096 ? (6, 97) : (1, 1);
        for (var size = smallest; size <= message.Length; size += step)
        {
            AssertWaitedForThenRead(HelloBytes.Records(message, size), every: 61, name);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void It_reads_the_same_cut_into_two_records_at_every_byte(string name)
    {
        var message = HelloCorpus.All[name];

        for (var first = 1; first < message.Length; first++)
        {
            AssertWaitedForThenRead(HelloBytes.Records(message, first, 16384), every: 1021, name);
        }
    }

    [Fact]
    public void Its_first_bytes_may_come_in_records_of_one_byte_each() =>
        AssertWaitedForThenRead(HelloBytes.Records(HelloCorpus.PostQuantum, 1, 1, 1, 1, 1, 1, 16384), every: 1, "post-quantum");

    [Fact]
    public void Asking_after_every_single_byte_of_16_KiB_allocates_nothing()
    {
        var records = HelloBytes.Records(HelloCorpus.Largest, 16384);
        long allocated;
        var looks = 0;
        do
        {
            // A collection that another thread brings about is charged to whoever runs just then; the detector's own would be there each time.
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var arrived = 0; arrived < records.Length; arrived++)
            {
                if (ProtocolDetector.Detect(records.AsSpan(0, arrived)).Verdict != Verdict.NeedMore)
                {
                    Assert.Fail($"it was not waited for at byte {arrived}");
                }
            }
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }
        while (allocated > 0 && ++looks < 4);

        Assert.Equal(0, allocated);
    }

    private static void AssertWaitedForThenRead(byte[] records, int every, string name)
    {
        for (var arrived = records.Length - 1; arrived >= 0; arrived -= every)
        {
            if (ClientHelloParser.Parse(records.AsSpan(0, arrived), out _) != HelloStatus.NeedMore)
            {
                Assert.Fail($"it was not waited for at byte {arrived}");
            }
        }
        if (ClientHelloParser.Parse(records, out var hello) != HelloStatus.Complete)
        {
            Assert.Fail("it was not read");
        }
        var bare = name == "TLS 1.0";
        Assert.Equal(bare ? null : HelloCorpus.Name, hello!.ServerName);
        Assert.Equal(!bare, hello.Alpn.Contains("istio", StringComparer.Ordinal));
        Assert.Equal(!bare, hello.OffersMesh);
        Assert.Equal(name is "modern" or "post-quantum" ? TlsVersion.Tls13 : bare ? TlsVersion.Tls10 : TlsVersion.Tls12, hello.HighestVersion);
    }
}
