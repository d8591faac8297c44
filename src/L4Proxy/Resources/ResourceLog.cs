using System.Collections.Immutable;
using L4Proxy.Configuration;
using Microsoft.Extensions.Logging;

namespace L4Proxy.Resources;

/// <summary>What is said about the resources. Event ids 920 to 939 are this folder's.</summary>
internal sealed partial class ResourceLog(ILogger logger)
{
    /// <summary>More than anybody reads; a generator that is wrong in one place is wrong in ten thousand.</summary>
    private const int MostLines = 100;

    public void Loaded(string path, int generation, ResourceChanges changes, ResourceSet set)
    {
        InForce(path, generation, changes, set.ToString());
        foreach (var warning in set.Warnings.Take(MostLines))
        {
            Doubtful(warning);
        }
        SayLeftOut(set.Warnings.Length, "warnings");
    }

    public void Refused(string path, ImmutableArray<ConfigurationError> errors, int generation)
    {
        NotTaken(path, errors.Length, generation);
        foreach (var error in errors.Take(MostLines))
        {
            Wrong(error);
        }
        SayLeftOut(errors.Length, "errors");
    }

    private void SayLeftOut(int count, string what)
    {
        if (count > MostLines)
        {
            LeftOut(count - MostLines, what);
        }
    }

    [LoggerMessage(920, LogLevel.Information, "resources of {Path}, generation {Generation}: {Changes}; in force: {Set}")]
    private partial void InForce(string path, int generation, ResourceChanges changes, string set);

    [LoggerMessage(921, LogLevel.Warning, "{Warning}")]
    private partial void Doubtful(ConfigurationError warning);

    [LoggerMessage(922, LogLevel.Error, "the resources of {Path} are refused with {Count} error(s), generation {Generation} stays in force")]
    private partial void NotTaken(string path, int count, int generation);

    [LoggerMessage(923, LogLevel.Error, "{Error}")]
    private partial void Wrong(ConfigurationError error);

    [LoggerMessage(924, LogLevel.Warning, "... and {Count} more {What}")]
    private partial void LeftOut(int count, string what);

    [LoggerMessage(925, LogLevel.Information, "the resources of {Path} are again those of generation {Generation}, which is in force")]
    public partial void Unchanged(string path, int generation);

    [LoggerMessage(926, LogLevel.Warning, "the resources of {Path} cannot all be watched and are re-read every 60 s instead: {Failure}")]
    public partial void NotWatched(string path, string failure);

    [LoggerMessage(927, LogLevel.Error, "the resources of {Path} could not be judged, which is a defect of l4proxy")]
    public partial void Defect(string path, Exception exception);

    [LoggerMessage(928, LogLevel.Error, "a change of the resources of {Path} is in force, but whoever follows it failed, which is a defect of l4proxy")]
    public partial void FollowerFailed(string path, Exception exception);
}
