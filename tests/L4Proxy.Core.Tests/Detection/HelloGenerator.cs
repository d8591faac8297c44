using L4Proxy.Core.Detection;

namespace L4Proxy.Core.Tests.Detection;

/// <summary>Puts together random hellos in random records and knows how they have to read; one in three has one length that is wrong.</summary>
internal readonly struct HelloGenerator(FuzzInput input)
{
    private static readonly byte[] _message = new byte[2048];
    private static readonly byte[][] _protocols = ["istio"u8.ToArray(), "h2"u8.ToArray(), "http/1.1"u8.ToArray(), "l4proxy/1"u8.ToArray(), [0xCA, 0xCA]];

    /// <summary>Length of the name or 0, number of protocols, and whether any is of the mesh.</summary>
    internal readonly record struct Expected(bool IsWhole, int NameLength, int Protocols, bool Mesh)
    {
        public bool IsMetBy(HelloStatus status, ClientHello? hello) => IsWhole
            ? hello is not null && (hello.ServerName?.Length ?? 0) == NameLength && hello.Alpn.Length == Protocols && hello.OffersMesh == Mesh
            : status is HelloStatus.Malformed;
    }

    public Expected? Generate()
    {
        // A wrong length where anything follows is always noticed; which one is wrong, if any.
        var wrong = input.OneIn(3) ? input.Below(5) : -1;
        var (nameLength, protocols, isMesh) = (0, 0, false);
        input.Clear();
        input.Add([1, 0, 0, 0, 3, 3]);
        input.AddRandom(32);
        input.Add((byte)(wrong == 0 ? 33 + input.Below(200) : 0));
        input.AddUInt16(wrong == 1 ? 0x7FFF : 4);
        input.AddUInt16(0x1301);
        input.AddUInt16(0x0A0A);
        input.Add([1, 0]);
        var extensions = input.Length;
        input.AddUInt16(0);
        for (var i = input.Below(3); i >= 0; i--)
        {
            input.AddUInt16(0x2A2A + (i * 0x1010));
            var length = input.Below(40);
            input.AddUInt16(length);
            input.AddRandom(length);
        }
        if (!input.OneIn(3))
        {
            nameLength = 1 + input.Below(60);
            input.AddUInt16(0);
            input.AddUInt16(nameLength + 5);
            input.AddUInt16(nameLength + 3 + (wrong == 2 ? 1 : 0));
            input.Add(0);
            input.AddUInt16(nameLength);
            for (var i = 0; i < nameLength; i++)
            {
                input.Add((byte)('!' + input.Below('~' - '!' + 1)));
            }
        }
        else if (wrong == 2)
        {
            wrong = -1;
        }
        if (!input.OneIn(3))
        {
            input.AddUInt16(16);
            var extension = input.Length;
            input.AddUInt16(0);
            input.AddUInt16(0);
            for (protocols = 0; protocols <= input.Below(4); protocols++)
            {
                var protocol = _protocols[input.Below(_protocols.Length)];
                isMesh |= protocol.Length is 5 or 9;
                input.Add((byte)protocol.Length);
                input.Add(protocol);
            }
            input.Write(extension, input.Length - extension - 2);
            input.Write(extension + 2, input.Length - extension - 4 + (wrong == 3 ? -1 : 0));
        }
        else if (wrong == 3)
        {
            wrong = -1;
        }
        input.Write(extensions, input.Length - extensions - 2 + (wrong == 4 ? 1 + input.Below(9) : 0));
        input.Write(2, input.Length - 4);
        Fragment();
        return new Expected(wrong < 0, nameLength, protocols, isMesh);
    }

    private void Fragment()
    {
        var length = input.Length;
        input.Bytes.CopyTo(_message);
        input.Clear();
        var most = input.OneIn(2) ? length : 1 + input.Below(200);
        for (var from = 0; from < length;)
        {
            var count = Math.Min(1 + input.Below(most), length - from);
            input.Add([22, 3, (byte)input.Below(5), (byte)(count >> 8), (byte)count]);
            input.Add(_message.AsSpan(from, count));
            from += count;
        }
    }
}
