using System.Formats.Asn1;
using System.Text;

namespace L4Proxy.Core.Identity;

/// <summary>The URIs of a subject alternative name, read by tag and length (RFC 5280 §4.2.1.6): no other kind of name is ever taken for one.</summary>
/// <param name="Uris">In order, of any scheme.</param>
/// <param name="Problem">What makes the whole extension unfit, as a sentence without its end; empty when nothing does.</param>
internal sealed record SubjectNames(List<string> Uris, string Problem)
{
    private const int Email = 1, Dns = 2, Uri = 6;

    /// <exception cref="AsnContentException">Not a list of general names.</exception>
    public static SubjectNames Read(ReadOnlyMemory<byte> extension)
    {
        var uris = new List<string>();
        if (extension.IsEmpty)
        {
            return new SubjectNames(uris, "");
        }
        var reader = new AsnReader(extension, AsnEncodingRules.DER);
        var names = reader.ReadSequence();
        reader.ThrowIfNotEmpty();
        while (names.HasData)
        {
            var tag = names.PeekTag();
            if (tag.TagClass != TagClass.ContextSpecific || tag.TagValue > 8)
            {
                throw new AsnContentException("no kind of general name has this tag");
            }
            if (tag.TagValue is not (Email or Dns or Uri))
            {
                _ = names.ReadEncodedValue();
                continue;
            }
            if (!names.TryReadPrimitiveOctetString(out var bytes, Der509.Context(tag.TagValue, constructed: false)))
            {
                throw new AsnContentException("a name is in pieces");
            }
            // A NUL ends the name for a reader in C and not for us; what two readers see differently names nobody.
            if (bytes.Span.ContainsAnyExceptInRange((byte)' ', (byte)'~'))
            {
                return new SubjectNames([], "a SAN has a NUL, control or non-ASCII character");
            }
            if (tag.TagValue == Uri)
            {
                uris.Add(Encoding.ASCII.GetString(bytes.Span));
            }
        }
        return new SubjectNames(uris, "");
    }
}
