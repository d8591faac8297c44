using L4Proxy.Core.Connections;
using L4Proxy.Core.Detection;
using L4Proxy.Core.Policy;
using L4Proxy.Interception;

namespace L4Proxy.Tests.Tls.Rules;

/// <summary>The table of modes as the README prints it; the namespaces' matrix shows that the proxy keeps to it.</summary>
public sealed class InboundSecurityTests
{
    private static readonly Dictionary<(MtlsMode, Verdict), string> _table = new()
    {
        [(MtlsMode.Disable, Verdict.Plaintext)] = "passes",
        [(MtlsMode.Disable, Verdict.OtherTls)] = "passes",
        [(MtlsMode.Disable, Verdict.MeshTls)] = "passes",
        [(MtlsMode.Disable, Verdict.BrokenTls)] = "passes",
        [(MtlsMode.Permissive, Verdict.Plaintext)] = "passes",
        [(MtlsMode.Permissive, Verdict.OtherTls)] = "passes",
        [(MtlsMode.Permissive, Verdict.MeshTls)] = "terminated",
        [(MtlsMode.Permissive, Verdict.BrokenTls)] = "passes",
        [(MtlsMode.Strict, Verdict.Plaintext)] = "plaintextRefused",
        [(MtlsMode.Strict, Verdict.OtherTls)] = "terminated",
        [(MtlsMode.Strict, Verdict.MeshTls)] = "terminated",
        [(MtlsMode.Strict, Verdict.BrokenTls)] = "clientHelloTooLarge",
    };

    public static IEnumerable<object[]> Every =>
        from mode in Enum.GetValues<MtlsMode>()
        from verdict in Enum.GetValues<Verdict>()
        where verdict != Verdict.NeedMore
        select new object[] { mode.ToString(), verdict.ToString() };

    [Theory]
    [MemberData(nameof(Every))]
    public void Mode_and_first_bytes_decide_what_becomes_of_a_connection(string mode, string verdict)
    {
        var security = InboundSecurity.Of(Enum.Parse<MtlsMode>(mode), Enum.Parse<Verdict>(verdict));

        var becomes = security.Refusal is { } refusal ? refusal.Label() : security.Terminate ? "terminated" : "passes";
        Assert.Equal(_table[(Enum.Parse<MtlsMode>(mode), Enum.Parse<Verdict>(verdict))], becomes);
    }

    [Fact]
    public void A_detection_that_is_not_over_passes_nowhere_but_where_nothing_is_asked()
    {
        Assert.NotNull(InboundSecurity.Of(MtlsMode.Strict, Verdict.NeedMore).Refusal);
        Assert.Null(InboundSecurity.Of(MtlsMode.Disable, Verdict.NeedMore).Refusal);
    }
}
