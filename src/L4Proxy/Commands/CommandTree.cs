using System.CommandLine;

namespace L4Proxy.Commands;

/// <summary>Every verb of the binary. A verb lives in its own file and adds itself here.</summary>
internal static class CommandTree
{
    public static RootCommand Create() => new("L4Proxy: the layer-4 data plane of a service mesh.")
    {
        RunCommand.Create(),
        CheckCommand.Create(),
        RedirectCommand.Create(),
        WaitCommand.Create(),
        ExplainCommand.Create(),
        PolicyCommand.Create(),
        PkiCommand.Create(),
    };
}
