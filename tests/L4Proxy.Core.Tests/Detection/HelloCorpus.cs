namespace L4Proxy.Core.Tests.Detection;

/// <summary>Hellos in the shapes that clients of this and the last decade send, put together by hand and the same in every run.</summary>
internal static class HelloCorpus
{
    public const string Name = "outbound_.8080_._.web.demo.svc.cluster.local";

    /// <summary>TLS 1.3 with a classic key share, about 260 bytes.</summary>
    public static byte[] Modern => WithCommonExtensions(new HelloBytes().ServerName(Name).Alpn("istio"))
        .Extension(51, HelloBytes.Vector16([0, 29, .. HelloBytes.Vector16(new byte[32])]))
        .Versions(0x0304, 0x0303).Message();

    /// <summary>TLS 1.3 as a browser sends it: GREASE (RFC 8701) in every list, X25519MLKEM768 key share, about 1.8 KiB.</summary>
    public static byte[] PostQuantum => WithCommonExtensions(new HelloBytes { CipherSuites = [0x2A2A, 0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F, 0xCCA9] }.Extension(0x0A0A))
        .ServerName(Name).Alpn("\u00CA\u00CA", "istio", "h2")
        .Extension(51, HelloBytes.Vector16(
            [0x1A, 0x1A, 0, 1, 0, 0x11, 0xEC, .. HelloBytes.Vector16(new byte[1184 + 32]), 0, 29, .. HelloBytes.Vector16(new byte[32])]))
        .Versions(0x3A3A, 0x0304, 0x0303)
        .Extension(0xFE0D, new byte[250])
        .Extension(0x4A4A, 0).Message();

    /// <summary>TLS 1.2 at most: no supported_versions.</summary>
    public static byte[] Tls12 => WithCommonExtensions(new HelloBytes { SessionId = [] }.ServerName(Name).Alpn("istio-peer-exchange", "istio")).Message();

    /// <summary>TLS 1.0 with neither extensions nor a length of them.</summary>
    public static byte[] Tls10 => new HelloBytes { SessionId = [], HasExtensions = false, LegacyVersion = 0x0301, CipherSuites = [0x002F] }.Message();

    /// <summary>As long as a hello may be.</summary>
    public static byte[] Largest => Bare().Padding(16384 - Bare().Message().Length - 4).Message();

    public static IReadOnlyDictionary<string, byte[]> All { get; } = new Dictionary<string, byte[]>(StringComparer.Ordinal)
    {
        ["modern"] = Modern,
        ["post-quantum"] = PostQuantum,
        ["TLS 1.2"] = Tls12,
        ["TLS 1.0"] = Tls10,
        ["16 KiB"] = Largest,
    };

    private static HelloBytes Bare() => new HelloBytes { SessionId = [] }.ServerName(Name).Alpn("istio");

    private static HelloBytes WithCommonExtensions(HelloBytes hello) => hello
        .Extension(23)
        .Extension(0xFF01, 0)
        .Extension(10, HelloBytes.Vector16([0x5A, 0x5A, 0x11, 0xEC, 0, 29, 0, 23]))
        .Extension(11, HelloBytes.Vector8([0]))
        .Extension(35)
        .Extension(5, 1, 0, 0, 0, 0)
        .Extension(13, HelloBytes.Vector16([4, 3, 8, 4, 4, 1, 5, 3, 8, 5]))
        .Extension(45, HelloBytes.Vector8([1]));
}
