using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using L4Proxy.Names;

namespace L4Proxy.Tests.Names;

/// <summary>Servers, and others in their place, that want to be believed or to do harm.</summary>
public sealed class HostileServerTests
{
    private const string Name = "db.example.com";

    [Theory]
    [InlineData("another id")]
    [InlineData("another name")]
    [InlineData("another type")]
    [InlineData("a question")]
    [InlineData("two questions")]
    [InlineData("empty")]
    [InlineData("half")]
    [InlineData("too long")]
    [InlineData("a pointer to itself")]
    [InlineData("a pointer forward")]
    [InlineData("records that are not there")]
    [InlineData("an address of three bytes")]
    public async Task What_is_not_the_answer_is_passed_over_and_the_answer_behind_it_taken(string kind)
    {
        await using var server = new DnsServer(question => Task.FromResult<byte[][]>(
            [Forged(kind, question), question.Answer(DnsTestRecord.Address(Name, "192.0.2.1"))]));

        var answer = await Resolvers.AskAsync(Resolvers.Asking(server), Name);

        Assert.Equal((DnsResult.Resolved, "192.0.2.1", 60), Resolvers.Facts(answer));
    }

    [Fact]
    public async Task An_answer_from_another_address_is_not_heard()
    {
        using var stranger = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        stranger.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await using var server = new DnsServer(question => question.Answer(DnsTestRecord.Address(Name, "192.0.2.1")));
        // In between: whoever is asked knows the id and the port, and somebody else uses them.
        using var between = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        between.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var configuration = Resolvers.Asking(server) with { Servers = [(IPEndPoint)between.LocalEndPoint!] };

        var asking = Resolvers.Of(configuration, onlyV4: true).ResolveAsync(Name, CancellationToken.None);
        var buffer = new byte[2000];
        var received = await between.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0));
        var question = new DnsQuestion(buffer[..received.ReceivedBytes], OverTcp: false);
        await stranger.SendToAsync(question.Answer(DnsTestRecord.Address(Name, "192.0.2.66")), received.RemoteEndPoint);
        await between.SendToAsync(question.Answer(DnsTestRecord.Address(Name, "192.0.2.1")), received.RemoteEndPoint);

        Assert.Equal("192.0.2.1", string.Join(' ', (await asking).Addresses));
    }

    [Fact]
    public async Task A_flood_of_what_is_not_the_answer_ends_the_wait()
    {
        await using var server = new DnsServer(question => Task.FromResult<byte[][]>(
            [.. Enumerable.Repeat(Forged("another id", question), 400)]));

        Assert.Equal(DnsResult.ServFail, (await Resolvers.AskAsync(Resolvers.Asking(server), Name)).Result);
    }

    [Theory]
    [InlineData("truncated")]
    [InlineData("half")]
    [InlineData("another id")]
    public async Task Over_TCP_what_is_not_the_answer_is_a_failure_of_the_server(string kind)
    {
        await using var server = new DnsServer(question =>
            question.OverTcp && kind != "truncated" ? Forged(kind, question) : question.Truncate());

        Assert.Equal(DnsResult.ServFail, (await Resolvers.AskAsync(Resolvers.Asking(server), Name)).Result);
    }

    [Fact]
    public async Task Aliases_in_a_circle_lead_nowhere()
    {
        await using var server = new DnsServer(question => question.Answer(
            DnsTestRecord.Alias(Name, "a.example"), DnsTestRecord.Alias("a.example", "b.example"), DnsTestRecord.Alias("b.example", "a.example")));

        Assert.Equal(DnsResult.NoData, (await Resolvers.AskAsync(Resolvers.Asking(server), Name)).Result);
    }

    [Fact]
    public async Task A_time_to_live_with_the_highest_bit_set_is_none()
    {
        await using var server = new DnsServer(question => question.Answer(DnsTestRecord.Address(Name, "192.0.2.1", 0x8000_0001)));

        Assert.Equal(TimeSpan.Zero, (await Resolvers.AskAsync(Resolvers.Asking(server), Name)).TimeToLive);
    }

    /// <summary>Every cut of a good answer, and many thousand damaged ones: read or refused, and nothing thrown.</summary>
    [Fact]
    public void No_packet_does_more_than_be_refused()
    {
        Assert.True(DnsName.TryParse(Name, out var name));
        var query = new DnsQuery(4711, name, DnsType.A);
        var good = new DnsQuestion(query.Write(extended: true), OverTcp: false).Answer(
            DnsTestRecord.Alias(Name, "end.example.net"), DnsTestRecord.Address("end.example.net", "192.0.2.1"));
        Assert.NotNull(DnsResponse.Read(good, query));
        for (var length = 0; length < good.Length; length++)
        {
            Assert.Null(DnsResponse.Read(good.AsSpan(0, length), query));
        }
        var random = new Random(1035);
        for (var i = 0; i < 50_000; i++)
        {
            var damaged = (byte[])good.Clone();
            for (var changes = random.Next(1, 6); changes > 0; changes--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }
            Assert.InRange(DnsResponse.Read(damaged, query)?.Addresses.Length ?? 0, 0, 2);
        }
    }

    [Fact]
    public void The_longest_packet_of_pointers_is_refused_in_no_time()
    {
        Assert.True(DnsName.TryParse(Name, out var name));
        var query = new DnsQuery(1, name, DnsType.A);
        var packet = new byte[ushort.MaxValue];
        new DnsQuestion(query.Write(extended: false), OverTcp: true).Answer().CopyTo(packet, 0);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(6), ushort.MaxValue);
        // Each points to the one before.
        for (var at = 32; at + 1 < 0x3FFF; at += 2)
        {
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(at), (ushort)(0xC000 | (at - 2)));
        }

        Assert.Null(DnsResponse.Read(packet, query));
    }

    private static byte[] Forged(string kind, DnsQuestion question)
    {
        var packet = question.Answer(DnsTestRecord.Address(Name, "192.0.2.66"));
        var afterQuestion = 12 + DnsQuestion.Wire(question.Name).Length + 4;
        switch (kind)
        {
            case "another id":
                packet[1] ^= 1;
                break;
            case "another name":
                packet[13] = (byte)'x';
                break;
            case "another type":
                packet[afterQuestion - 3] = 15;
                break;
            case "a question":
                packet[2] &= 0x7F;
                break;
            case "two questions":
                packet[5] = 2;
                break;
            case "empty":
                return [];
            case "half":
                return question.Answer(DnsTestRecord.Address(Name, "192.0.2.66"), DnsTestRecord.Address(Name, "2001:db8::66"))[..^3];
            case "too long":
                return [.. packet, .. new byte[2000]];
            case "a pointer to itself":
                packet = [.. packet[..afterQuestion], 0xC0, (byte)afterQuestion, .. new byte[10]];
                packet[7] = 1;
                break;
            case "a pointer forward":
                packet = [.. packet[..afterQuestion], 0xC0, (byte)(afterQuestion + 2), 0, .. new byte[10]];
                packet[7] = 1;
                break;
            case "records that are not there":
                packet[7] = 200;
                break;
            case "an address of three bytes":
                return question.Respond(0, [new DnsTestRecord(Name, question.Type, 60, [192, 0, 2])]);
            default:
                throw new ArgumentException($"nobody forges {kind}", nameof(kind));
        }
        return packet;
    }
}
