using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;

namespace L4Proxy.Core.Detection;

/// <summary>Reads a ClientHello that is whole and lies in one piece (RFC 8446 §4.1.2; without extensions RFC 5246 §7.4.1.2).</summary>
internal static class ClientHelloMessageReader
{
    private const int RandomBytes = 32;
    private const int LongestSessionId = 32;
    private const byte HostName = 0;

    // The longest name DNS has, and the limit of OpenSSL and BoringSSL.
    private const int LongestHostName = 255;

    private const ushort ServerNameExtension = 0;
    private const ushort AlpnExtension = 16;
    private const ushort SupportedVersionsExtension = 43;

    /// <summary>The hello, or null if it breaks a rule.</summary>
    /// <param name="message">The message without its header of four bytes.</param>
    public static ClientHello? Read(ReadOnlySpan<byte> message)
    {
        var reader = new WireReader(message);
        if (!reader.TryUInt16(out var legacyVersion) || legacyVersion >> 8 != 3
            || !reader.TryTake(RandomBytes, out _)
            || !reader.TryVector8(out var sessionId) || sessionId.Length > LongestSessionId
            || !reader.TryVector16(out var cipherSuites) || cipherSuites.Length < 2 || cipherSuites.Length % 2 != 0
            || !reader.TryVector8(out var compressionMethods) || compressionMethods.IsEmpty)
        {
            return null;
        }
        ReadOnlySpan<byte> extensions = default;
        if (!reader.Ended && (!reader.TryVector16(out extensions) || !reader.Ended))
        {
            return null;
        }
        ReadOnlySpan<byte> names = default, protocols = default, versions = default;

        // One bit for every type there is: a client may send thousands, and finding a repeated one must not cost their square.
        Span<ulong> seen = stackalloc ulong[(ushort.MaxValue + 1) / 64];
        var list = new WireReader(extensions);
        while (!list.Ended)
        {
            if (!list.TryUInt16(out var type) || !list.TryVector16(out var extension) || (seen[type / 64] & (1UL << (type % 64))) != 0)
            {
                return null;
            }
            seen[type / 64] |= 1UL << (type % 64);
            // An extension of ours that is empty breaks its own rule; only an absent one may look like this below.
            switch (type)
            {
                case ServerNameExtension when TryList(extension, out names):
                case AlpnExtension when TryList(extension, out protocols):
                case SupportedVersionsExtension when TryVersions(extension, out versions):
                    break;
                case ServerNameExtension or AlpnExtension or SupportedVersionsExtension:
                    return null;
            }
        }
        if (!TryHostName(names, out var hostName) || !TryAlpn(protocols, out var alpn))
        {
            return null;
        }
        var (lowest, highest) = Range(versions, legacyVersion);
        return new ClientHello(hostName.IsEmpty ? null : Encoding.ASCII.GetString(hostName), alpn, highest, lowest);
    }

    // A list of at least one byte that fills its extension.
    private static bool TryList(ReadOnlySpan<byte> extension, out ReadOnlySpan<byte> list)
    {
        var reader = new WireReader(extension);
        return reader.TryVector16(out list) && !list.IsEmpty && reader.Ended;
    }

    private static bool TryVersions(ReadOnlySpan<byte> extension, out ReadOnlySpan<byte> versions)
    {
        var reader = new WireReader(extension);
        return reader.TryVector8(out versions) && versions.Length >= 2 && versions.Length % 2 == 0 && reader.Ended;
    }

    // RFC 6066 §3: no two names of one type. Of types that do not exist yet we assume the form that the RFC prescribes for them.
    private static bool TryHostName(ReadOnlySpan<byte> names, out ReadOnlySpan<byte> hostName)
    {
        hostName = default;
        var reader = new WireReader(names);
        while (!reader.Ended)
        {
            if (!reader.TryUInt8(out var type) || !reader.TryVector16(out var name) || name.IsEmpty)
            {
                return false;
            }
            if (type == HostName)
            {
                // Visible ASCII only. A NUL or a line break here has been an access decision or a forged log line elsewhere.
                if (!hostName.IsEmpty || name.Length > LongestHostName || name.ContainsAnyExceptInRange((byte)'!', (byte)'~'))
                {
                    return false;
                }
                hostName = name;
            }
        }
        return true;
    }

    private static bool TryAlpn(ReadOnlySpan<byte> protocols, out ImmutableArray<string> alpn)
    {
        alpn = [];
        var count = 0;
        for (var reader = new WireReader(protocols); !reader.Ended; count++)
        {
            if (!reader.TryVector8(out var protocol) || protocol.IsEmpty)
            {
                return false;
            }
        }
        if (count > 0)
        {
            var names = ImmutableArray.CreateBuilder<string>(count);
            for (var reader = new WireReader(protocols); reader.TryVector8(out var protocol);)
            {
                names.Add(AlpnName.Of(protocol));
            }
            alpn = names.MoveToImmutable();
        }
        return true;
    }

    // GREASE (RFC 8701: 0x0A0A, 0x1A1A, …), drafts and versions to come are not ours to rank. Without supported_versions a server may not
    // go above 1.2, whatever the message says (RFC 8446 §4.2.1).
    private static (TlsVersion Lowest, TlsVersion Highest) Range(ReadOnlySpan<byte> versions, ushort legacyVersion)
    {
        if (versions.IsEmpty)
        {
            return (TlsVersion.Unknown, (TlsVersion)Math.Min(legacyVersion, (ushort)TlsVersion.Tls12));
        }
        var (lowest, highest) = (TlsVersion.Unknown, TlsVersion.Unknown);
        for (; !versions.IsEmpty; versions = versions[sizeof(ushort)..])
        {
            var version = (TlsVersion)BinaryPrimitives.ReadUInt16BigEndian(versions);
            if (version is >= TlsVersion.Ssl30 and <= TlsVersion.Tls13)
            {
                lowest = lowest == TlsVersion.Unknown || version < lowest ? version : lowest;
                highest = version > highest ? version : highest;
            }
        }
        return (lowest, highest);
    }
}
