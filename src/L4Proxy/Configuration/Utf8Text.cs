using System.Text;
using L4Proxy.Configuration.Yaml;

namespace L4Proxy.Configuration;

/// <summary>Bytes of a file as text, or the place where they are none.</summary>
internal static class Utf8Text
{
    private static readonly UTF8Encoding _strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <param name="file">The file as the person named it, for the error.</param>
    /// <returns>The text without a byte order mark; null when it is not UTF-8.</returns>
    public static string? Decode(ReadOnlySpan<byte> bytes, string file, out ConfigurationError? error)
    {
        error = null;
        try
        {
            return _strict.GetString(bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes);
        }
        catch (DecoderFallbackException invalid)
        {
            // The index is one of the bytes after the mark.
            var at = PositionOf(bytes, invalid.Index + (bytes.StartsWith("\uFEFF"u8) ? 3 : 0));
            var message = $"byte 0x{invalid.BytesUnknown![0]:X2} is not UTF-8; save the file as UTF-8";
            error = new ConfigurationError(file, at.Line, at.Column, "", message);
            return null;
        }
    }

    private static Position PositionOf(ReadOnlySpan<byte> bytes, int index)
    {
        var before = bytes[..Math.Clamp(index, 0, bytes.Length)];
        var lineStart = before.LastIndexOf((byte)'\n') + 1;
        return new Position(before.Count((byte)'\n') + 1, Encoding.UTF8.GetCharCount(before[lineStart..]) + 1);
    }
}
