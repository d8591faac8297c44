using System.Text;

namespace L4Proxy.Identity;

/// <summary>One block of a PEM file.</summary>
/// <param name="Label">What stands behind BEGIN: <c>CERTIFICATE</c>.</param>
/// <param name="Line">Of its BEGIN, from 1.</param>
/// <param name="IsEncrypted">It has a header that says so, as OpenSSL's older keys have.</param>
internal sealed record PemBlock(string Label, byte[] Der, int Line, bool IsEncrypted)
{
    private const string Begin = "-----BEGIN ";
    private const string End = "-----END ";
    private const string Dashes = "-----";

    private static readonly string[] _lineEnds = ["\r\n", "\n", "\r"];

    /// <summary>
    /// Reads PEM as people and tools write it: any line ends, blank lines, a byte order mark, text between the blocks. What begins like
    /// a block and is none is an error at its line, not passed over: half a file must not pass for a shorter one.
    /// </summary>
    /// <exception cref="IdentityException">It is not PEM, has no block at all, or a block that is cut short or damaged.</exception>
    public static IReadOnlyList<PemBlock> ReadAll(IdentityFile file)
    {
        var content = file.Content.AsSpan();
        if (content.StartsWith("\uFEFF"u8))
        {
            content = content[3..];
        }
        if (content.Trim(" \r\n\t"u8).IsEmpty)
        {
            throw file.Refuse("is empty; write PEM into it");
        }
        if (content.IndexOf("\0"u8) >= 0)
        {
            throw file.Refuse(content[0] == 0x30
                ? "is binary (DER or PKCS#12) and not PEM; convert it with 'openssl x509 -inform DER -outform PEM', or with 'openssl pkcs12 -nodes'"
                : "is not PEM: it contains NUL bytes; save it as plain text (ASCII, not UTF-16)");
        }
        // Latin-1, because every byte is a character of it: comments may be in any encoding.
        var lines = Encoding.Latin1.GetString(content).Split(_lineEnds, StringSplitOptions.TrimEntries);
        var blocks = new List<PemBlock>();
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i].StartsWith(End, StringComparison.Ordinal))
            {
                throw file.Refuse("an END line without its BEGIN line; write the block whole", i + 1);
            }
            if (lines[i].StartsWith(Begin, StringComparison.Ordinal))
            {
                var begin = i;
                blocks.Add(ReadBlock(file, lines, begin, LabelOf(file, lines[i], i + 1), ref i));
            }
        }
        return blocks.Count > 0 ? blocks
            : throw file.Refuse(content[0] == 0x30
                ? "is DER and not PEM; convert it with 'openssl x509 -inform DER -outform PEM'"
                : "has no line '-----BEGIN ...-----', so it is not PEM; name the PEM file");
    }

    /// <param name="at">In: the BEGIN line; out: the END line.</param>
    private static PemBlock ReadBlock(IdentityFile file, string[] lines, int begin, string label, ref int at)
    {
        var body = new StringBuilder();
        var isEncrypted = false;
        while (++at < lines.Length && !lines[at].StartsWith(Dashes, StringComparison.Ordinal))
        {
            // A header of RFC 1421, such as Proc-Type: no base64 has a colon.
            if (lines[at].Contains(':', StringComparison.Ordinal))
            {
                isEncrypted |= lines[at].Contains("ENCRYPTED", StringComparison.Ordinal);
            }
            else
            {
                body.Append(lines[at]);
            }
        }
        if (at >= lines.Length || lines[at] != $"{End}{label}{Dashes}")
        {
            throw file.Refuse($"the {label} that begins here has no '{End}{label}{Dashes}'; the file is cut short or damaged, write it whole", begin + 1);
        }
        if (isEncrypted)
        {
            return new PemBlock(label, [], begin + 1, IsEncrypted: true);
        }
        var der = new byte[body.Length];
        return Convert.TryFromBase64String(body.ToString(), der, out var length) && length > 0
            ? new PemBlock(label, der[..length], begin + 1, IsEncrypted: false)
            : throw file.Refuse($"the {label} that begins here is not base64; the file is damaged, write it again", begin + 1);
    }

    private static string LabelOf(IdentityFile file, string line, int number)
    {
        var label = line.EndsWith(Dashes, StringComparison.Ordinal) && line.Length > Begin.Length + Dashes.Length
            ? line[Begin.Length..^Dashes.Length] : "-";
        return label.Contains('-', StringComparison.Ordinal)
            ? throw file.Refuse("the BEGIN line is not '-----BEGIN ...-----' on a line of its own; keep the line breaks of the PEM file", number)
            : label;
    }
}
