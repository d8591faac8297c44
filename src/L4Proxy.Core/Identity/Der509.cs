using System.Formats.Asn1;

namespace L4Proxy.Core.Identity;

/// <summary>The shapes that certificates and revocation lists share (RFC 5280 §4.1, §5.1).</summary>
internal static class Der509
{
    private const int LongestIdentifier = 64;

    public static Asn1Tag Context(int number, bool constructed = true) => new(TagClass.ContextSpecific, number, constructed);

    public static ReadOnlyMemory<byte> BitString(AsnReader reader) =>
        reader.TryReadPrimitiveBitString(out var unused, out var value) && unused == 0
            ? value
            : throw new AsnContentException("a bit string is not whole bytes");

    /// <summary>UTC. Two digits of a year mean 1950 to 2049.</summary>
    public static DateTime Time(AsnReader reader) => (IsTime(reader, UniversalTagNumber.UtcTime)
        ? reader.ReadUtcTime(twoDigitYearMax: 2049)
        : reader.ReadGeneralizedTime()).UtcDateTime;

    public static bool IsTime(AsnReader reader, UniversalTagNumber kind) => reader.PeekTag() == new Asn1Tag(kind);

    /// <summary>An object identifier of a length that real ones have: turning a number of 60 000 bytes into digits takes a CPU for long.</summary>
    public static string ObjectIdentifier(AsnReader reader) => reader.PeekEncodedValue().Length <= LongestIdentifier
        ? reader.ReadObjectIdentifier()
        : throw new AsnContentException($"an object identifier has more than {LongestIdentifier} bytes");

    /// <summary>By object identifier; the same one twice is an error (RFC 5280 §4.2), because readers would disagree on which counts.</summary>
    public static Dictionary<string, Extension> Extensions(AsnReader list)
    {
        var extensions = new Dictionary<string, Extension>(StringComparer.Ordinal);
        while (list.HasData)
        {
            var entry = list.ReadSequence();
            var id = ObjectIdentifier(entry);
            var critical = entry.PeekTag() == Asn1Tag.Boolean && entry.ReadBoolean();
            if (!entry.TryReadPrimitiveOctetString(out var value) || !extensions.TryAdd(id, new Extension(critical, value)))
            {
                throw new AsnContentException($"extension {id} is broken or stands twice");
            }
            entry.ThrowIfNotEmpty();
        }
        return extensions;
    }
}
