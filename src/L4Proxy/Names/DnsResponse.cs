using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;

namespace L4Proxy.Names;

/// <summary>What a packet says about one question. Whatever is in it, reading it ends and throws nothing.</summary>
/// <param name="Code">RCODE: 0 no error, 1 the question was not understood, 2 server failure, 3 no such name, 4 not implemented, 5 refused.</param>
/// <param name="Truncated">There is more than fits; ask again over TCP.</param>
/// <param name="Addresses">Of the name, or of what it is an alias of.</param>
/// <param name="TimeToLive">The smallest on the way; meaningless without addresses.</param>
internal sealed record DnsResponse(int Code, bool Truncated, ImmutableArray<IPAddress> Addresses, TimeSpan TimeToLive)
{
    public const int NoError = 0, FormatError = 1, ServerFailure = 2, NameError = 3, NotImplemented = 4, Refused = 5;

    private const int HeaderSize = 12;
    private const int IsResponse = 0x8000, OperationCode = 0x7800, IsTruncated = 0x0200;

    /// <summary>Aliases of aliases; resolvers themselves stop at 8 to 16.</summary>
    private const int MaxAliases = 16;

    /// <summary>No service has more places to dial; the rest of a longer answer is left out.</summary>
    private const int MaxAddresses = 1024;

    /// <returns>Null: not an answer to this question, or not a packet of DNS.</returns>
    public static DnsResponse? Read(ReadOnlySpan<byte> packet, in DnsQuery query)
    {
        if (packet.Length < HeaderSize || BinaryPrimitives.ReadUInt16BigEndian(packet) != query.Id)
        {
            return null;
        }
        var flags = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        var questions = BinaryPrimitives.ReadUInt16BigEndian(packet[4..]);
        if ((flags & IsResponse) == 0 || (flags & OperationCode) != 0)
        {
            return null;
        }
        var code = flags & 0xF;
        // A server that could not read the question cannot repeat it.
        if (questions == 0 && code is FormatError or NotImplemented)
        {
            return new DnsResponse(code, Truncated: false, [], TimeSpan.Zero);
        }
        var at = HeaderSize;
        if (questions != 1 || !DnsName.TryRead(packet, ref at, out var asked) || !asked.Equals(query.Name)
            || at + 4 > packet.Length || BinaryPrimitives.ReadUInt16BigEndian(packet[at..]) != (ushort)query.Type
            || BinaryPrimitives.ReadUInt16BigEndian(packet[(at + 2)..]) != 1)
        {
            return null;
        }
        if ((flags & IsTruncated) != 0)
        {
            return new DnsResponse(code, Truncated: true, [], TimeSpan.Zero);
        }
        if (code != NoError)
        {
            return new DnsResponse(code, Truncated: false, [], TimeSpan.Zero);
        }
        var answers = BinaryPrimitives.ReadUInt16BigEndian(packet[6..]);
        return DnsRecord.TryReadAll(packet, at + 4, answers, query.Type, out var records) ? Follow(query, records) : null;
    }

    private static DnsResponse Follow(in DnsQuery query, List<DnsRecord> records)
    {
        var name = query.Name;
        var seconds = uint.MaxValue;
        for (var aliases = 0; aliases < MaxAliases; aliases++)
        {
            var owner = name;
            if (records.Find(record => record.Alias is not null && record.Owner.Equals(owner)) is not { Alias: { } target } alias)
            {
                break;
            }
            (name, seconds) = (target, Math.Min(seconds, alias.Seconds));
        }
        var addresses = ImmutableArray.CreateBuilder<IPAddress>();
        foreach (var record in records)
        {
            if (record.Address is { } address && record.Owner.Equals(name) && addresses.Count < MaxAddresses)
            {
                addresses.Add(address);
                seconds = Math.Min(seconds, record.Seconds);
            }
        }
        return addresses.Count == 0
            ? new DnsResponse(NoError, Truncated: false, [], TimeSpan.Zero)
            : new DnsResponse(NoError, Truncated: false, addresses.DrainToImmutable(), TimeSpan.FromSeconds(seconds));
    }
}
