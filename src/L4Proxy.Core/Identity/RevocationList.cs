using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace L4Proxy.Core.Identity;

/// <summary>
/// A certificate revocation list (RFC 5280 §5): which serials a CA has taken back. Complete lists only: a list that covers a part, other
/// issuers' certificates or the difference to another list is refused when it is read.
/// </summary>
public sealed class RevocationList
{
    private const string PemLabel = "X509 CRL";
    private const string DeltaIndicator = "2.5.29.27";

    // authorityKeyIdentifier, cRLNumber: marked critical or not, they do not change what the list means.
    private static readonly string[] _harmless = ["2.5.29.35", "2.5.29.20"];

    // reasonCode, invalidityDate.
    private static readonly string[] _harmlessInEntry = ["2.5.29.21", "2.5.29.24"];

    private readonly ReadOnlyMemory<byte> _signed;
    private readonly ReadOnlyMemory<byte> _algorithm;
    private readonly ReadOnlyMemory<byte> _signature;
    private readonly HashSet<BigInteger> _serials = [];
    private byte[]? _signer;

    private RevocationList(ReadOnlyMemory<byte> der)
    {
        var outer = new AsnReader(der, AsnEncodingRules.DER);
        var parts = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        _signed = parts.PeekEncodedValue();
        var list = parts.ReadSequence();
        _algorithm = parts.ReadEncodedValue();
        _signature = Der509.BitString(parts);
        parts.ThrowIfNotEmpty();

        if (list.PeekTag() == Asn1Tag.Integer)
        {
            _ = list.ReadInteger();
        }
        if (!list.ReadEncodedValue().Span.SequenceEqual(_algorithm.Span))
        {
            throw new AsnContentException("its two signature algorithms differ");
        }
        IssuerName = list.ReadEncodedValue();
        ThisUpdate = Der509.Time(list);
        if (!list.HasData || !(Der509.IsTime(list, UniversalTagNumber.UtcTime) || Der509.IsTime(list, UniversalTagNumber.GeneralizedTime)))
        {
            throw new AsnContentException("nextUpdate is missing, so nobody could tell when it is stale");
        }
        NextUpdate = Der509.Time(list);
        if (list.HasData && list.PeekTag() == Asn1Tag.Sequence)
        {
            ReadEntries(list.ReadSequence());
        }
        if (list.HasData)
        {
            var extensions = list.ReadSequence(Der509.Context(0));
            Refuse(Der509.Extensions(extensions.ReadSequence()), _harmless);
        }
        list.ThrowIfNotEmpty();
    }

    /// <summary>Whose list it is, as DER.</summary>
    public ReadOnlyMemory<byte> IssuerName { get; }

    /// <summary>UTC; when the CA made it.</summary>
    public DateTime ThisUpdate { get; }

    /// <summary>UTC; from then on it is stale and no peer it should cover is accepted.</summary>
    public DateTime NextUpdate { get; }

    /// <summary>How many serials it takes back.</summary>
    public int Count => _serials.Count;

    /// <summary>Reads a file of lists: PEM, any number of them, or one in DER.</summary>
    /// <param name="file">The bytes of the file.</param>
    /// <param name="lists">Null when one of them is not good; nothing is half-read. Signatures are checked when a chain shows who signed.</param>
    /// <param name="problem">What is wrong, as the end of a sentence; empty when nothing is.</param>
    public static bool TryParse(ReadOnlySpan<byte> file, [NotNullWhen(true)] out IReadOnlyList<RevocationList>? lists, out string problem)
    {
        lists = null;
        problem = "";
        var found = new List<RevocationList>();
        try
        {
            if (file.Length > 0 && file[0] == 0x30)
            {
                found.Add(new RevocationList(file.ToArray()));
            }
            else
            {
                ReadOnlySpan<char> text = Encoding.ASCII.GetString(file);
                while (PemEncoding.TryFind(text, out var block))
                {
                    if (text[block.Label] is PemLabel)
                    {
                        found.Add(new RevocationList(Convert.FromBase64String(text[block.Base64Data].ToString())));
                    }
                    text = text[block.Location.End..];
                }
            }
        }
        catch (Exception exception) when (exception is AsnContentException or FormatException or CryptographicException or ArgumentException)
        {
            problem = $"list {found.Count + 1} is not usable: {exception.Message}";
            return false;
        }
        // PemEncoding passes over a block it cannot read, and a list passed over is a revocation not seen.
        var begun = file.Count(Encoding.ASCII.GetBytes($"-----BEGIN {PemLabel}-----"));
        if (begun > found.Count)
        {
            problem = $"only {found.Count} of {begun} lists in it can be read";
            return false;
        }
        if (found.Count == 0)
        {
            problem = $"there is no revocation list in it (neither DER nor PEM of label {PemLabel})";
            return false;
        }
        lists = found;
        return true;
    }

    /// <summary>Whether a certificate of this issuer has been taken back.</summary>
    public bool Contains(BigInteger serial) => _serials.Contains(serial);

    /// <summary>Whether this CA made it, for whoever has the CA at hand before any peer comes.</summary>
    public bool IsSignedBy(X509Certificate2 authority) => CertificateFields.TryRead(authority.RawDataMemory, out var fields) && IsOf(fields);

    /// <summary>Whether this CA made it: name, right to sign lists, signature. A good answer is remembered, as hashing a long list takes milliseconds.</summary>
    internal bool IsOf(CertificateFields authority)
    {
        if (!authority.Subject.Span.SequenceEqual(IssuerName.Span) || !SvidRules.MaySignLists(authority))
        {
            return false;
        }
        if (Volatile.Read(ref _signer) is { } signer && signer.AsSpan().SequenceEqual(authority.PublicKey.Span))
        {
            return true;
        }
        if (!Signatures.Verify(_signed, _algorithm, _signature, authority.PublicKey))
        {
            return false;
        }
        Volatile.Write(ref _signer, authority.PublicKey.ToArray());
        return true;
    }

    private void ReadEntries(AsnReader entries)
    {
        while (entries.HasData)
        {
            var entry = entries.ReadSequence();
            _serials.Add(entry.ReadInteger());
            _ = Der509.Time(entry);
            if (entry.HasData)
            {
                Refuse(Der509.Extensions(entry.ReadSequence()), _harmlessInEntry);
            }
            entry.ThrowIfNotEmpty();
        }
    }

    private static void Refuse(Dictionary<string, Extension> extensions, string[] harmless)
    {
        foreach (var (id, extension) in extensions)
        {
            if (id == DeltaIndicator)
            {
                throw new AsnContentException("it is a delta list; give the complete one");
            }
            if (extension.Critical && !harmless.Contains(id, StringComparer.Ordinal))
            {
                throw new AsnContentException($"it has the critical extension {id}, which is not supported (partial and indirect lists are not)");
            }
        }
    }
}
