using Microsoft.Extensions.Logging;

namespace L4Proxy.Configuration;

/// <summary>What reloads say. Event ids 300 to 399 are this folder's.</summary>
internal sealed partial class ConfigurationLog(ILogger logger)
{
    public void Applied(string path, IReadOnlyList<ConfigurationChange> changes)
    {
        Reloaded(path, changes.Count);
        foreach (var change in changes)
        {
            if (change.Effect == ChangeEffect.Restart)
            {
                NeedsRestart(change);
            }
            else
            {
                Changed(change);
            }
        }
    }

    public void Refused(string path, IReadOnlyList<ConfigurationError> errors)
    {
        NotTaken(path, errors.Count);
        foreach (var error in errors)
        {
            Wrong(error);
        }
    }

    [LoggerMessage(300, LogLevel.Information, "{Path} was read again: {Count} keys differ from what runs, 0 connections affected")]
    private partial void Reloaded(string path, int count);

    [LoggerMessage(301, LogLevel.Information, "{Change}")]
    private partial void Changed(ConfigurationChange change);

    [LoggerMessage(302, LogLevel.Warning, "{Change}")]
    private partial void NeedsRestart(ConfigurationChange change);

    [LoggerMessage(303, LogLevel.Error, "{Path} was refused with {Count} errors, the last good configuration stays in force")]
    private partial void NotTaken(string path, int count);

    [LoggerMessage(304, LogLevel.Error, "{Error}")]
    private partial void Wrong(ConfigurationError error);

    [LoggerMessage(305, LogLevel.Error, "{Path} could not be applied")]
    public partial void ApplyFailed(string path, Exception exception);

    [LoggerMessage(306, LogLevel.Warning, "{Path} cannot be watched and is re-read every 60 s instead: {Failure}")]
    public partial void NotWatched(string path, string failure);
}
