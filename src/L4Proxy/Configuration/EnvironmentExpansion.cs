using System.Text;
using System.Text.RegularExpressions;

namespace L4Proxy.Configuration;

/// <summary>
/// Fills <c>${VAR}</c> and <c>${VAR:-default}</c> into a scalar; <c>$${</c> stands for <c>${</c>. The default is used when the
/// variable is unset or empty, as in a shell. What is filled in is taken as it is: it is neither searched again nor read as YAML.
/// </summary>
internal static partial class EnvironmentExpansion
{
    /// <exception cref="FormatException">A variable is unset and has no default, or the text is malformed; the message says what would
    /// do.</exception>
    public static string Expand(string text, Func<string, string?> environment)
    {
        var result = new StringBuilder();
        var rest = text.AsSpan();
        for (int dollar; (dollar = rest.IndexOf("${", StringComparison.Ordinal)) >= 0;)
        {
            if (dollar > 0 && rest[dollar - 1] == '$')
            {
                result.Append(rest[..(dollar - 1)]).Append("${");
                rest = rest[(dollar + 2)..];
                continue;
            }
            var end = rest[dollar..].IndexOf('}');
            if (end < 0)
            {
                throw new FormatException($"'{rest[dollar..]}' has no closing brace; write ${{NAME}}, or $${{ for a literal ${{");
            }
            result.Append(rest[..dollar]).Append(Lookup(rest.Slice(dollar + 2, end - 2).ToString(), environment));
            rest = rest[(dollar + end + 1)..];
        }
        return result.Append(rest).ToString();
    }

    private static string Lookup(string expression, Func<string, string?> environment)
    {
        var split = expression.IndexOf(":-", StringComparison.Ordinal);
        var name = split < 0 ? expression : expression[..split];
        if (!VariableName().IsMatch(name))
        {
            throw new FormatException($"'${{{expression}}}' does not name an environment variable; "
                + $"write ${{NAME}} or ${{NAME:-default}}, or $${{ for a literal ${{");
        }
        if (split < 0)
        {
            return environment(name)
                ?? throw new FormatException($"environment variable {name} is not set; set it or give a default: ${{{name}:-...}}");
        }
        var fallback = expression[(split + 2)..];
        if (fallback.Contains("${", StringComparison.Ordinal))
        {
            throw new FormatException($"the default of ${{{name}:-...}} contains another variable; only plain text can be a default");
        }
        return environment(name) is { Length: > 0 } value ? value : fallback;
    }

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*\\z", RegexOptions.NonBacktracking)]
    private static partial Regex VariableName();
}
