using L4Proxy.Configuration.Binding;
using L4Proxy.Core.Policy;

namespace L4Proxy.Resources;

/// <summary><c>to[].operation</c>: what is called, of which a connection has only the port.</summary>
internal static class PolicyOperationReader
{
    /// <returns>Null when it has no condition but what only HTTP has.</returns>
    public static PolicyMatch? Read(Section operation, RuleReading reading)
    {
        var isHttp = reading.NoteHttp(operation, "hosts", "notHosts", "methods", "notMethods", "paths", "notPaths");
        var isOurs = operation.Has("ports") | operation.Has("notPorts");
        if (operation.IsEmpty)
        {
            operation.Fail("is empty; name ports, or remove 'to' where every port is meant");
        }
        var match = new PolicyMatch
        {
            Line = operation.Position.Line,
            Ports = operation.Values("ports", PolicyText.Port),
            NotPorts = operation.Values("notPorts", PolicyText.Port),
        };
        return isOurs ? match : null;
    }
}
