using L4Proxy.Admin;

namespace L4Proxy.Commands;

/// <summary>Resource files as they are sent to a running proxy.</summary>
internal static class CandidateFiles
{
    public static IReadOnlyList<ResourceText> Read(string path) => throw new NotSupportedException(path);
}
