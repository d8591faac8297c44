using L4Proxy.Core.Connections;

namespace L4Proxy.Core.Tests;

public sealed class CloseReasonTests
{
    public static TheoryData<CloseReason> Every => [.. CloseReasons.All];

    [Theory]
    [MemberData(nameof(Every))]
    public void Every_reason_has_a_side_a_label_and_a_sentence(CloseReason reason)
    {
        Assert.True(Enum.IsDefined(reason.Side()));
        Assert.Matches("^[a-z][A-Za-z]+$", reason.Label());
        Assert.EndsWith(".", reason.Sentence(), StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_are_unique() =>
        Assert.Equal(CloseReasons.All.Count, CloseReasons.All.Select(reason => reason.Label()).Distinct(StringComparer.Ordinal).Count());
}
