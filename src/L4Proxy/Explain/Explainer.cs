using L4Proxy.Configuration;
using L4Proxy.Core.Connections;
using L4Proxy.Resources;

namespace L4Proxy.Explain;

/// <summary>Answers "why" from what a proxy decides by: the running one's, or a file's.</summary>
internal static class Explainer
{
    /// <param name="model">The resources.</param>
    /// <param name="options">What they leave to configuration.</param>
    /// <param name="question">The connection.</param>
    /// <param name="now">Milliseconds of the clock by which endpoints are ejected.</param>
    public static Explanation Answer(MeshModel model, ProxyOptions options, ExplainQuestion question, long now) =>
        question.Direction == Direction.Inbound
            ? InboundExplanation.Of(model, options, question)
            : OutboundExplanation.Of(model, options, question, now);
}
