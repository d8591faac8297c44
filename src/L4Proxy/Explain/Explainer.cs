using L4Proxy.Configuration;
using L4Proxy.Core.Connections;
using L4Proxy.Resources;

namespace L4Proxy.Explain;

/// <summary>Answers "why" from what a proxy decides by: the running one's, or a file's.</summary>
internal static class Explainer
{
    public static Explanation Answer(MeshModel model, ProxyOptions options, ExplainQuestion question) =>
        question.Direction == Direction.Inbound
            ? InboundExplanation.Of(model, options, question)
            : OutboundExplanation.Of(model, options, question);
}
