using L4Proxy.Core.Policy;
using L4Proxy.Core.Resources;

namespace L4Proxy.Resources;

/// <summary>AuthorizationPolicy: who may call.</summary>
internal static class AuthorizationPolicyReader
{
    public static AuthorizationPolicy Read(ResourceDocument document) =>
        new(document.Origin, PolicyAction.Allow, ResourceText.Selector(document.Spec, "selector", "matchLabels"), []);

    public static AuthorizationPolicy Move(AuthorizationPolicy policy, Origin origin, int lines) => policy with { Origin = origin };
}
