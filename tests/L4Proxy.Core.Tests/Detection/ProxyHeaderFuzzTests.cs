using System.Net;
using System.Text;
using L4Proxy.Core.Detection;
using Xunit.Abstractions;

namespace L4Proxy.Core.Tests.Detection;

/// <summary>
/// Every input is asked about twice, cut somewhere and whole. Half of them are damaged headers of the corpus; the other half are written
/// by the product itself, put together from the words of a line, or random after a signature.
/// </summary>
public sealed class ProxyHeaderFuzzTests(ITestOutputHelper output)
{
    private const int Inputs = 10_000_000;

    private static readonly byte[][] _words =
    [
        .. new[]
        {
            "PROXY", "TCP4", "TCP6", "UNKNOWN", " ", "  ", "\r\n", "\n", "\r", "1.2.3.4", "255.255.255.255", "256.1.1.1", "01.2.3.4", "1.2.3", "::1", "::",
            "1:2:3:4:5:6:7:8", "fe80::1%eth0", "::ffff:1.2.3.4", "1::2::3", "0", "65535", "65536", "080", "-1", "+1", "\0", ":", ".",
        }.Select(Encoding.Latin1.GetBytes),
    ];

    private readonly byte[][] _corpus =
    [
        "PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\nGET"u8.ToArray(),
        "PROXY TCP6 2001:db8::1 ::ffff:10.0.0.1 1 65535\r\n"u8.ToArray(),
        "PROXY TCP6 1:2:3:4:5:6:7:8 1:: 1 2\r\n"u8.ToArray(),
        "PROXY UNKNOWN a b c\r\n"u8.ToArray(),
        Convert.FromHexString("0D0A0D0A000D0A515549540A2111000C0A0000010A000002DC0401BB"),
        Convert.FromHexString("0D0A0D0A000D0A515549540A2121002B20010DB8000000000000000000000001000000000000000000000000000000010001FFFF040004DEADBEEF"),
        Convert.FromHexString("0D0A0D0A000D0A515549540A2111001B0A0000010A000002DC0401BB020001610500020102D0000141040000"),
        Convert.FromHexString("0D0A0D0A000D0A515549540A20000000"),
        Convert.FromHexString("0D0A0D0A000D0A515549540A213100D8" + new string('0', 432) + "31"),
    ];

    private readonly FuzzInput _input = new(seed: 0x5052_4F58_5920_7632);
    private readonly long[] _statuses = new long[3];
    private readonly byte[] _written = new byte[ProxyHeaderWriter.MaxLength];
    private readonly string[] _identities = ["", "spiffe://cluster.local/ns/demo/sa/web", new('a', 2048)];
    private readonly IPEndPoint[] _v4 = [new(IPAddress.Loopback, 0), new(0x0100_000A, 65535)];
    private readonly IPEndPoint[] _v6 = [new(IPAddress.IPv6Loopback, 1), new(IPAddress.Parse("2001:db8::1"), 15006)];

    [Fact]
    public void Every_of_10_million_headers_is_read_or_refused_for_good_and_costs_nothing_before_it_is_whole()
    {
        for (var i = 0; i < Inputs; i++)
        {
            var expected = (i % 8) switch { < 4 => Damaged(), 4 => Written(), 5 => Words(), 6 => Line(), _ => Block() };
            var problem = Judge(expected);
            if (problem is not null)
            {
                Assert.Fail($"input {i}: {problem}: {Convert.ToHexString(_input.Bytes)}");
            }
        }

        output.WriteLine(string.Join(", ", Enum.GetValues<ProxyHeaderStatus>().Select(status => $"{status} {_statuses[(int)status]}")));
        Assert.All(_statuses, count => Assert.InRange(count, Inputs / 1000, Inputs));
    }

    private string? Judge(ProxyHeader? expected)
    {
        var arrived = _input.Bytes;
        var cut = arrived[.._input.Below(arrived.Length + 1)];

        ProxyHeaderStatus early;
        ProxyHeader earlyHeader;
        long allocated;
        var looks = 0;
        do
        {
            // A collection that another thread brings about is charged to whoever runs just then; the parser's own would be there each time.
            var before = GC.GetAllocatedBytesForCurrentThread();
            early = ProxyHeaderParser.Parse(cut, out earlyHeader);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }
        while (allocated > 0 && ++looks < 4);
        var status = ProxyHeaderParser.Parse(arrived, out var header);
        _statuses[(int)status]++;

        return early != ProxyHeaderStatus.Complete && allocated > 0 ? $"{early} of {cut.Length} bytes allocated {allocated}"
            : early == ProxyHeaderStatus.Invalid && status != ProxyHeaderStatus.Invalid ? $"{early} of {cut.Length} bytes became {status}"
            : early == ProxyHeaderStatus.Complete && header != earlyHeader ? $"{earlyHeader} of {cut.Length} bytes became {header}"
            : arrived.Length >= ProxyHeaderParser.MaxBytes && status == ProxyHeaderStatus.NeedMore ? "no verdict of the most bytes it may take"
            : (status == ProxyHeaderStatus.Complete) != (header.Length > 0) || header.Length > arrived.Length ? $"{status} with {header.Length} bytes"
            : (status == ProxyHeaderStatus.Invalid) != (header.Problem is not null) ? $"{status} with problem {header.Problem}"
            : (header.Source is null) != (header.Destination is null) ? "one address only"
            : expected is { } known && header != known ? $"{header} instead of {known}"
            : status == ProxyHeaderStatus.Complete && arrived[0] == 'P' && !IsWhatTheFrameworkReads(arrived[..header.Length], header) ? $"{header} is not what .NET reads"
            : null;
    }

    // What we accept in a line, another parser has to read the same.
    private static bool IsWhatTheFrameworkReads(ReadOnlySpan<byte> line, ProxyHeader header)
    {
        if (header.Source is null)
        {
            return line.StartsWith("PROXY UNKNOWN"u8);
        }
        var words = Encoding.Latin1.GetString(line[..^2]).Split(' ');
        return words.Length == 6
            && IPAddress.Parse(words[2]).Equals(header.Source.Address) && IPAddress.Parse(words[3]).Equals(header.Destination!.Address)
            && words[4] == $"{header.Source.Port}" && words[5] == $"{header.Destination.Port}";
    }

    private ProxyHeader? Damaged()
    {
        _input.Clear();
        _input.Add(_corpus[_input.Below(_corpus.Length)]);
        _input.Mutate();
        return null;
    }

    private ProxyHeader? Written()
    {
        var family = _input.OneIn(2) ? _v4 : _v6;
        var (source, destination) = (family[_input.Below(2)], family[_input.Below(2)]);
        var length = ProxyHeaderWriter.WriteV2(_written, source, destination, _identities[_input.OneIn(20) ? 2 : _input.Below(2)]);
        _input.Clear();
        _input.Add(_written.AsSpan(0, length));
        _input.AddRandom(_input.Below(4));
        return new ProxyHeader(length, source, destination, null);
    }

    private ProxyHeader? Words()
    {
        _input.Clear();
        _input.Add("PROXY "u8);
        for (var i = _input.Below(14); i > 0; i--)
        {
            _input.Add(_words[_input.Below(_words.Length)]);
        }
        return null;
    }

    private ProxyHeader? Line()
    {
        Span<byte> address = stackalloc byte[16];
        var size = _input.OneIn(2) ? 4 : 16;
        for (var i = 0; i < size; i++)
        {
            // Many zeros, so that IPv6 is written with gaps everywhere.
            address[i] = _input.OneIn(2) ? (byte)0 : (byte)_input.Below(256);
        }
        var source = new IPEndPoint(new IPAddress(address[..size]), _input.Below(65536));
        _input.Clear();
        _input.Add(size == 4 ? "PROXY TCP4 "u8 : "PROXY TCP6 "u8);
        Span<byte> text = stackalloc byte[64];
        source.Address.TryFormat(text, out var count);
        _input.Add(text[..count]);
        _input.Add(size == 4 ? " 1.2.3.4 "u8 : " ::1 "u8);
        source.Port.TryFormat(text, out count, provider: System.Globalization.CultureInfo.InvariantCulture);
        _input.Add(text[..count]);
        _input.Add(" 443\r\n"u8);
        return new ProxyHeader(_input.Length, source, new IPEndPoint(size == 4 ? new IPAddress(0x0403_0201) : IPAddress.IPv6Loopback, 443), null);
    }

    private ProxyHeader? Block()
    {
        _input.Clear();
        _input.Add(_corpus[4].AsSpan(0, 12));
        _input.Add([(byte)(0x20 + _input.Below(3)), (byte)((_input.Below(5) << 4) | (_input.OneIn(4) ? _input.Below(4) : 1)), 0, 0]);
        _input.AddRandom(_input.OneIn(3) ? _input.Below(50) : 12);
        for (var i = _input.Below(4); i > 0; i--)
        {
            var length = _input.OneIn(30) ? _input.Below(3000) : _input.Below(12);
            _input.Add((byte)_input.Below(_input.OneIn(2) ? 6 : 256));
            _input.AddUInt16(_input.OneIn(9) ? _input.Below(65536) : length);
            _input.AddRandom(length);
        }
        _input.Write(14, _input.OneIn(9) ? _input.Below(5000) : _input.Length - 16);
        return null;
    }
}
