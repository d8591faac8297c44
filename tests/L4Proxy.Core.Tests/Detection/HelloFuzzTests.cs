using L4Proxy.Core.Detection;
using Xunit.Abstractions;

namespace L4Proxy.Core.Tests.Detection;

/// <summary>
/// Every input is asked about twice, cut somewhere and whole. Half of them are damaged hellos of the corpus in several records; of the
/// other half most are put together field by field, so that it is known how they have to read, and some are random after a record header.
/// </summary>
public sealed class HelloFuzzTests(ITestOutputHelper output)
{
    private const int Inputs = 10_000_000;

    private readonly byte[][] _corpus =
    [
        .. from hello in new[] { HelloCorpus.Modern, HelloCorpus.Tls12, HelloCorpus.Tls10, new HelloBytes().ServerName("a").Alpn("h2").Message() }
           from size in new[] { 16384, 100, 40, 7, 2 }
           select HelloBytes.Records(hello, size),
    ];

    private readonly byte[][] _large =
    [
        .. from hello in new[] { HelloCorpus.PostQuantum, HelloCorpus.Largest }
           from size in new[] { 16384, 1400, 300 }
           select HelloBytes.Records(hello, size),
        HelloBytes.Records(HelloCorpus.Largest, 5),
    ];

    private readonly FuzzInput _input = new(seed: 0x4C34_5072_6F78_7931);
    private readonly long[] _statuses = new long[5];
    private readonly long[] _verdicts = new long[5];

    [Fact]
    public void Every_of_10_million_hellos_gets_a_verdict_that_more_bytes_do_not_change_and_that_costs_nothing_before_it_is_whole()
    {
        for (var i = 0; i < Inputs; i++)
        {
            var expected = (i % 8) switch { < 4 => Damaged(), 7 => Random(), _ => new HelloGenerator(_input).Generate() };
            var problem = Judge(expected);
            if (problem is not null)
            {
                Assert.Fail($"input {i}: {problem}: {Convert.ToHexString(_input.Bytes)}");
            }
        }

        output.WriteLine($"statuses: {string.Join(", ", Enum.GetValues<HelloStatus>().Select(status => $"{status} {_statuses[(int)status]}"))}");
        output.WriteLine($"verdicts: {string.Join(", ", Enum.GetValues<Verdict>().Select(verdict => $"{verdict} {_verdicts[(int)verdict]}"))}");
        Assert.All(_statuses.Concat(_verdicts), count => Assert.InRange(count, Inputs / 1000, Inputs));
    }

    private string? Judge(HelloGenerator.Expected? expected)
    {
        var arrived = _input.Bytes;
        var cut = arrived[..(_input.OneIn(2) ? _input.Below(Math.Min(arrived.Length, 100) + 1) : _input.Below(arrived.Length + 1))];

        Detected early;
        long allocated;
        var looks = 0;
        do
        {
            // A collection that another thread brings about is charged to whoever runs just then; the parser's own would be there each time.
            var before = GC.GetAllocatedBytesForCurrentThread();
            early = ProtocolDetector.Detect(cut);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }
        while (allocated > 0 && ++looks < 4);
        var status = ClientHelloParser.Parse(arrived, out var hello);
        var verdict = ProtocolDetector.Detect(arrived).Verdict;
        _statuses[(int)status]++;
        _verdicts[(int)verdict]++;

        return early.Verdict is Verdict.NeedMore or Verdict.Plaintext && allocated > 0 ? $"{early.Verdict} of {cut.Length} bytes allocated {allocated}"
            : early.Verdict != Verdict.NeedMore && early.Verdict != verdict ? $"{early.Verdict} of {cut.Length} bytes became {verdict}"
            : arrived.Length >= ClientHelloParser.MaxArrivedBytes && verdict == Verdict.NeedMore ? "no verdict of the most bytes it may take"
            : (hello is null) == (status == HelloStatus.Complete) ? $"{status} and the hello do not agree"
            : hello is not null && !IsPrintable(hello) ? "what it tells cannot be printed"
            : expected is { } known && !known.IsMetBy(status, hello) ? $"{status} is not what was put together"
            : null;
    }

    private HelloGenerator.Expected? Damaged()
    {
        var from = _input.OneIn(50) ? _large : _corpus;
        _input.Clear();
        _input.Add(from[_input.Below(from.Length)]);
        _input.Mutate();
        return null;
    }

    private HelloGenerator.Expected? Random()
    {
        _input.Clear();
        if (!_input.OneIn(4))
        {
            _input.Add([22, 3, (byte)_input.Below(6), (byte)_input.Below(3), (byte)_input.Below(256), 1, (byte)(_input.OneIn(9) ? 1 : 0)]);
        }
        _input.AddRandom(_input.Below(100));
        return null;
    }

    private static bool IsPrintable(ClientHello hello) =>
        !(hello.ServerName ?? "a").AsSpan().ContainsAnyExceptInRange('!', '~')
        && hello.Alpn.All(protocol => protocol.Length > 0 && !protocol.AsSpan().ContainsAnyExceptInRange(' ', '~'));
}
