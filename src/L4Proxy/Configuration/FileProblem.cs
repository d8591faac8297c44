namespace L4Proxy.Configuration;

/// <summary>Why a file could not be read, and what would do: the same words for every file that configuration names.</summary>
internal static class FileProblem
{
    /// <param name="error">What opening or reading it threw.</param>
    /// <param name="missing">What to say of one that is not there.</param>
    /// <returns>Null: the error is none that files have.</returns>
    public static string? Of(Exception error, string missing) => error switch
    {
        FileNotFoundException or DirectoryNotFoundException => missing,
        UnauthorizedAccessException =>
            $"cannot be read by user {Environment.UserName}: permission denied; make it readable for the user the proxy runs as",
        IOException => $"cannot be read: {error.Message}; name a readable file",
        _ => null,
    };
}
