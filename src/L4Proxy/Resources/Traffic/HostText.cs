using System.Net;

namespace L4Proxy.Resources.Traffic;

/// <summary>Names of services and servers as DNS and Istio allow them. All become lower case: names compare without case.</summary>
internal static class HostText
{
    /// <summary>What Kubernetes appends to the name and namespace of a service in a cluster with the default domain.</summary>
    public const string ClusterSuffix = ".svc.cluster.local";

    /// <summary>A DNS name without a star: what can be looked up.</summary>
    public static string Name(string text) => Problem(text) is { } problem
        ? throw new FormatException($"'{text}' is not a DNS name: {problem}; write one such as web.demo.svc.cluster.local")
        : Lower(text);

    /// <summary>A name that may begin with a star that stands for one or more whole parts.</summary>
    public static string Pattern(string text)
    {
        if (text == "*")
        {
            throw new FormatException("'*' stands for every name there is; write a name, or *.example.com for all names below one");
        }
        var name = text.StartsWith("*.", StringComparison.Ordinal) ? text[2..] : text;
        return Problem(name) is { } problem
            ? throw new FormatException($"'{text}' is not a host: {problem}; write a DNS name, or *.example.com for all names below one")
            : Lower(text);
    }

    /// <summary>The full name of what a rule or route calls by a short one: a service in the namespace of the resource, as Istio has it.</summary>
    public static string Complete(string host, string resourceNamespace) =>
        host.Contains('.', StringComparison.Ordinal) || host == "*" ? host : $"{host}.{resourceNamespace}{ClusterSuffix}";

    /// <returns>What is wrong with a DNS name, as the end of a sentence; null when nothing is.</returns>
    private static string? Problem(ReadOnlySpan<char> name)
    {
        // RFC 1035 §2.3.4: a name has at most 255 octets on the wire, which leaves 253 characters.
        if (name.Length is 0 or > 253)
        {
            return name.IsEmpty ? "it is empty" : $"it is {name.Length} characters long and may have 253";
        }
        // RFC 3696 §2: no top-level domain is all digits; what ends like that is an address, or was meant to be one.
        if (!name[(name.LastIndexOf('.') + 1)..].ContainsAnyExceptInRange('0', '9') && name[^1] != '.')
        {
            return IPAddress.TryParse(name, out _) ? "it is an IP address" : "it ends with a number, as only addresses do";
        }
        foreach (var range in name.Split('.'))
        {
            var label = name[range];
            if (label.IsEmpty)
            {
                return name[^1] == '.' ? "it ends with a dot" : "it has an empty part";
            }
            if (label.Length > 63)
            {
                return $"a part of it is {label.Length} characters long and may have 63";
            }
            if (label[0] == '-' || label[^1] == '-')
            {
                return $"its part '{label}' begins or ends with '-'";
            }
            foreach (var letter in label)
            {
                if (!char.IsAsciiLetterOrDigit(letter) && letter != '-')
                {
                    return letter == '*' ? "the star stands only at the beginning, as a part of its own" : $"'{letter}' cannot stand in a name";
                }
            }
        }
        return null;
    }

    private static string Lower(string text) => text.AsSpan().ContainsAnyInRange('A', 'Z') ? text.ToLowerInvariant() : text;
}
