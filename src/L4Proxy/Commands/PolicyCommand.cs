using System.CommandLine;

namespace L4Proxy.Commands;

/// <summary><c>l4proxy policy</c>: what a change of policy would do, before it does it.</summary>
internal static class PolicyCommand
{
    public static Command Create() => new("policy", "Says what resources would do before they are in force: to cases, to live connections, to those of a log.\n"
        + "Example: l4proxy policy preview --resources new-resources/")
    {
        PolicyTestCommand.Create(),
        PolicyPreviewCommand.Create(),
        PolicyReplayCommand.Create(),
    };
}
