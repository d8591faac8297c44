using System.Formats.Asn1;

namespace L4Proxy.Core.Identity;

/// <summary>
/// Which public keys are worked with: ECDSA on P-256, P-384 and P-521 by name, and RSA of 2048 to 8192 bits. Looked at before any
/// arithmetic, because keys with parameters or sizes of their own choosing have burnt CPUs by the minute (CVE-2022-0778, CVE-2024-21404).
/// </summary>
internal static class KeyRules
{
    public const string EllipticCurve = "1.2.840.10045.2.1";
    public const string Rsa = "1.2.840.113549.1.1.1";

    private const int MinRsaBits = 2048, MaxRsaBits = 8192;

    // Verifying costs as many steps as the exponent has bits; real ones are 3 or 65537, and Go draws the same line.
    private const int MaxExponentBits = 32;

    /// <param name="publicKey">SubjectPublicKeyInfo.</param>
    /// <returns>What is wrong, as the end of a sentence; empty when nothing is.</returns>
    /// <exception cref="AsnContentException">Not a SubjectPublicKeyInfo.</exception>
    public static string Problem(ReadOnlyMemory<byte> publicKey)
    {
        var key = new AsnReader(publicKey, AsnEncodingRules.DER).ReadSequence();
        var algorithm = key.ReadSequence();
        return Der509.ObjectIdentifier(algorithm) switch
        {
            EllipticCurve => CurveProblem(algorithm),
            Rsa => RsaProblem(Der509.BitString(key)),
            _ => "only ECDSA and RSA keys are supported",
        };
    }

    private static string CurveProblem(AsnReader algorithm) =>
        algorithm.PeekTag() == Asn1Tag.ObjectIdentifier
            && Der509.ObjectIdentifier(algorithm) is "1.2.840.10045.3.1.7" or "1.3.132.0.34" or "1.3.132.0.35"
            ? ""
            : "its curve is not P-256, P-384 or P-521";

    private static string RsaProblem(ReadOnlyMemory<byte> key)
    {
        var numbers = new AsnReader(key, AsnEncodingRules.DER).ReadSequence();
        var modulus = numbers.ReadInteger().GetBitLength();
        var exponent = numbers.ReadInteger().GetBitLength();
        if (modulus is < MinRsaBits or > MaxRsaBits)
        {
            return $"RSA of {modulus} bits; {MinRsaBits} to {MaxRsaBits} are supported";
        }
        return exponent > MaxExponentBits ? $"its RSA exponent has {exponent} bits; at most {MaxExponentBits} are supported" : "";
    }
}
