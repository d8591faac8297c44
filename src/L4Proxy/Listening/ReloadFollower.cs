using System.Runtime.InteropServices;
using L4Proxy.Configuration;
using Microsoft.Extensions.Logging;

namespace L4Proxy.Listening;

/// <summary>Carries a changed configuration file into the running server, and what became of it into readiness and metrics.</summary>
internal sealed class ReloadFollower : IDisposable
{
    private readonly ConfigurationWatcher _watcher;
    private readonly PosixSignalRegistration _hangUp;

    public ReloadFollower(string path, ConfigurationResult started, ProxyServer server, ILoggerFactory logging)
    {
        _watcher = new ConfigurationWatcher(path, started, Environment.GetEnvironmentVariable,
            reload => server.Apply(reload.Options), TimeProvider.System, logging.CreateLogger<ConfigurationWatcher>(),
            state => Report(state, server));
        _hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            _watcher.RequestReload();
            server.RefreshResources();
            server.ReopenAccessLog();
        });
    }

    /// <summary>What is in force now.</summary>
    public ProxyOptions Options => _watcher.State.Options;

    public void Dispose()
    {
        _hangUp.Dispose();
        _watcher.Dispose();
    }

    private static void Report(ConfigurationState state, ProxyServer server)
    {
        if (state.LastError is { } refused)
        {
            server.Metrics.ReloadRejected();
            // Still ready: the last good configuration is in force, and a bad edit must not take a working pod out of service.
            server.Configuration.Ok($"the file on disk is refused since {refused.At:O}: {refused.Errors[0]}");
        }
        else
        {
            server.Metrics.ReloadApplied();
            server.Configuration.Ok();
        }
    }
}
