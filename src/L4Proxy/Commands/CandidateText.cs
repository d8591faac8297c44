using L4Proxy.Configuration;
using L4Proxy.Explain;

namespace L4Proxy.Commands;

/// <summary>What is wrong with resources, and what is doubtful, on the error stream.</summary>
internal static class CandidateText
{
    public static async Task WriteAsync(TextWriter error, Candidate candidate)
    {
        await WriteAsync(error, candidate.Errors);
        foreach (var warning in candidate.Warnings)
        {
            await error.WriteLineAsync($"warning: {warning}");
        }
    }

    public static async Task WriteAsync(TextWriter error, IEnumerable<ConfigurationError> errors)
    {
        foreach (var wrong in errors)
        {
            await error.WriteLineAsync(wrong.ToString());
        }
    }
}
