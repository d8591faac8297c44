namespace L4Proxy.Configuration;

/// <summary>One thing that is wrong in a configuration file, where, and what would do.</summary>
/// <param name="File">The file as it was named.</param>
/// <param name="Line">From 1; 0 when the file as a whole is meant (it could not be read).</param>
/// <param name="Column">From 1, in characters; 0 with line 0.</param>
/// <param name="Path">The key, such as <c>forward[1].listen</c>; empty when no key is meant.</param>
/// <param name="Message">What is wrong; what would do.</param>
internal sealed record ConfigurationError(string File, int Line, int Column, string Path, string Message)
{
    public override string ToString() =>
        File + (Line == 0 ? "" : $":{Line}:{Column}") + ": " + (Path.Length == 0 ? "" : Path + ": ") + Message;
}

/// <summary>Either options or at least one error, never both.</summary>
/// <param name="Fingerprint">SHA-256 of the content in hex; null when the file could not be read.</param>
internal sealed record ConfigurationResult(ProxyOptions? Options, IReadOnlyList<ConfigurationError> Errors, string? Fingerprint);
