using L4Proxy.Configuration.Binding;

namespace L4Proxy.Resources.Traffic;

/// <summary>Names that stand in certificates: SPIFFE IDs of the mesh, DNS names and addresses outside it. They are compared exactly.</summary>
internal static class SubjectAltNameText
{
    public static string Name(string text)
    {
        if (text.StartsWith("spiffe:", StringComparison.OrdinalIgnoreCase))
        {
            return PeerText.Identity(text);
        }
        return AddressText.TryAddress(text)?.ToString() ?? (text.Contains('*', StringComparison.Ordinal)
            ? throw new FormatException($"'{text}' has a star, and names of certificates are compared exactly; write the whole name")
            : HostText.Name(text));
    }
}
