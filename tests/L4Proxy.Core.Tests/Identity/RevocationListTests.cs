using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using L4Proxy.Core.Identity;

namespace L4Proxy.Core.Tests.Identity;

public sealed class RevocationListTests
{
    private readonly Authority _root = Authority.Root();

    [Fact]
    public void A_list_is_read_from_DER_and_from_PEM_with_text_around()
    {
        var leaf = _root.Leaf();
        var der = _root.List([leaf]);
        var pem = "Certificate Revocation List (CRL):\n\n" + PemEncoding.WriteString("X509 CRL", der).Replace("\n", "\r\n", StringComparison.Ordinal) + "\r\n\r\n";
        foreach (var file in new[] { der, Encoding.ASCII.GetBytes(pem) })
        {
            var list = Authority.Read(file);
            Assert.True(list.Contains(new BigInteger(leaf.SerialNumberBytes.Span, isUnsigned: false, isBigEndian: true)));
            Assert.False(list.Contains(7));
            Assert.Equal(1, list.Count);
            Assert.Equal(_root.Certificate.SubjectName.RawData, list.IssuerName.ToArray());
            Assert.Equal(Authority.Now.AddHours(-1), list.ThisUpdate);
            Assert.Equal(Authority.Now.AddHours(1), list.NextUpdate);
        }
    }

    [Fact]
    public void A_file_may_hold_the_lists_of_several_CAs()
    {
        var intermediate = _root.Intermediate();
        var file = PemEncoding.WriteString("X509 CRL", _root.List([])) + "\n" + PemEncoding.WriteString("X509 CRL", intermediate.List([]));
        Assert.True(RevocationList.TryParse(Encoding.ASCII.GetBytes(file), out var lists, out _));
        Assert.Equal(2, lists.Count);
    }

    [Fact]
    public void A_file_with_one_bad_list_is_refused_whole()
    {
        var good = PemEncoding.WriteString("X509 CRL", _root.List([]));
        Refused(Encoding.ASCII.GetBytes(good + "\n" + good.Replace("MI", "M*", StringComparison.Ordinal)), "1 of 2");
        Refused(Encoding.ASCII.GetBytes(good + "\n" + PemEncoding.WriteString("X509 CRL", [0x30, 0x03, 1, 1, 0])), "list 2 is not usable");
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n")]
    public void A_file_without_a_list_is_refused(string text) => Refused(Encoding.ASCII.GetBytes(text), "no revocation list");

    [Fact]
    public void No_cut_of_a_list_is_taken_for_a_list()
    {
        var der = _root.List([_root.Leaf()]);
        for (var length = 1; length < der.Length; length++)
        {
            Assert.False(RevocationList.TryParse(der.AsSpan(0, length), out _, out var problem));
            Assert.NotEmpty(problem);
        }
        Assert.False(RevocationList.TryParse([.. der, 0], out _, out _));
    }

    [Fact]
    public void A_delta_list_is_refused() => Refused(Made(extension: ("2.5.29.27", true)), "delta list");

    [Fact]
    public void A_partial_or_indirect_list_is_refused() => Refused(Made(extension: ("2.5.29.28", true)), "critical extension 2.5.29.28");

    [Fact]
    public void An_entry_of_another_issuer_is_refused() => Refused(Made(entryExtension: ("2.5.29.29", true)), "critical extension 2.5.29.29");

    [Fact]
    public void A_list_without_end_is_refused() => Refused(Made(nextUpdate: false), "nextUpdate is missing");

    [Fact]
    public void Extensions_that_are_not_critical_do_no_harm() =>
        Assert.True(RevocationList.TryParse(Made(extension: ("1.3.6.1.4.1.99999.1", false), entryExtension: ("2.5.29.21", false)), out _, out _));

    private static void Refused(byte[] file, string problem)
    {
        Assert.False(RevocationList.TryParse(file, out var lists, out var told));
        Assert.Null(lists);
        Assert.Contains(problem, told, StringComparison.Ordinal);
    }

    /// <summary>A list no builder would write; its signature is nonsense, which is not looked at when reading.</summary>
    private static byte[] Made((string Id, bool Critical)? extension = null, (string Id, bool Critical)? entryExtension = null, bool nextUpdate = true)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteInteger(1);
                Algorithm();
                writer.WriteEncodedValue(new X500DistinguishedName("CN=root").RawData);
                writer.WriteUtcTime(new DateTimeOffset(Authority.Now));
                if (nextUpdate)
                {
                    writer.WriteUtcTime(new DateTimeOffset(Authority.Now.AddDays(1)));
                }
                using (writer.PushSequence())
                using (writer.PushSequence())
                {
                    writer.WriteInteger(5);
                    writer.WriteUtcTime(new DateTimeOffset(Authority.Now));
                    Extensions(entryExtension, null);
                }
                Extensions(extension, new Asn1Tag(TagClass.ContextSpecific, 0));
            }
            Algorithm();
            writer.WriteBitString([0]);
        }
        return writer.Encode();

        void Algorithm()
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier("1.2.840.10045.4.3.2");
            }
        }

        void Extensions((string Id, bool Critical)? one, Asn1Tag? tag)
        {
            if (one is not { } shape)
            {
                return;
            }
            using var outer = tag is { } context ? writer.PushSequence(context) : (AsnWriter.Scope?)null;
            using (writer.PushSequence())
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(shape.Id);
                if (shape.Critical)
                {
                    writer.WriteBoolean(true);
                }
                writer.WriteOctetString([5, 0]);
            }
        }
    }
}
