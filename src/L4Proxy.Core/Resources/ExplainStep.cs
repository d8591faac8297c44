namespace L4Proxy.Core.Resources;

/// <summary>One line of the answer to "why": a question that was asked about a connection, and its answer.</summary>
/// <param name="Text">For people, on one line, without a full stop.</param>
/// <param name="By">The file and line that says so; null where nothing written does.</param>
public sealed record ExplainStep(string Text, Origin? By)
{
    /// <summary>How far to indent: 0 for what was decided, 1 for a resource, 2 for a part of it, and so on.</summary>
    public int Depth { get; init; }
}
