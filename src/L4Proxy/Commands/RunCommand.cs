using System.CommandLine;
using System.ComponentModel;
using System.Runtime.InteropServices;
using L4Proxy.Configuration;
using L4Proxy.Listening;
using L4Proxy.Resources;
using L4Proxy.Telemetry;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace L4Proxy.Commands;

/// <summary><c>l4proxy run</c>: the proxy, from the first log line to the last.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var config = new Option<string>("--config")
        {
            Description = "The configuration file.",
            HelpName = "FILE",
            Required = true,
        };
        var command = new Command("run", """
            Runs the proxy until SIGTERM or SIGINT, then drains. SIGHUP reads the configuration again, as does any change of the file,
            and opens the access log again.

            Example:
              l4proxy run --config /etc/l4proxy/l4proxy.yaml

            Exit code: 0 drained, 1 it could not start, 2 wrong usage.
            """) { config };
        command.SetAction((parsed, _) => RunAsync(parsed.GetRequiredValue(config), parsed.InvocationConfiguration.Error));
        return command;
    }

    private static async Task<int> RunAsync(string path, TextWriter error)
    {
        // (1) The configuration, with every error at once.
        var loaded = ConfigurationLoader.Load(path, Environment.GetEnvironmentVariable);
        if (loaded.Options is not { } options)
        {
            foreach (var wrong in loaded.Errors)
            {
                await error.WriteLineAsync(wrong.ToString());
            }
            return 1;
        }

        // (2) Signals first: one that comes while we start must not kill us halfway.
        var stop = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => OnStop(signal, stop, "SIGTERM"));
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => OnStop(signal, stop, "SIGINT"));

        // Ours to dispose of: a factory leaves the providers it was given alone, and the last lines would be lost with the process.
        using var processLog = new ProcessLogProvider();
        using var logging = LoggerFactory.Create(logging => logging
            .AddProvider(processLog)
            .SetMinimumLevel(LogLevel.Information)
            // Kestrel says in its own words what we say in ours; its errors are kept.
            .AddFilter("Microsoft", LogLevel.Error)
            // A failed start, with a stack trace; "cannot start" says it in one line.
            .AddFilter("Microsoft.Extensions.Hosting", LogLevel.None));
        var logger = logging.CreateLogger("l4proxy");
        StartBanner.Write(logger, options);

        // (3) Everything is bound, or nothing is.
        var started = false;
        try
        {
            await using var server = new ProxyServer(options, logging);
            try
            {
                await server.StartAsync();
            }
            catch (Exception refused)
            {
                // Said before what was bound is taken down again: a fault in doing that must not hide the reason.
                SayErrors(refused, error);
                return CannotStart(logger, refused);
            }
            started = true;

            // (4) Serve until told otherwise, following the file.
            using var watcher = new ReloadFollower(path, loaded, server, logging);
            var signal = await stop.Task;

            // (5) Leave in order.
            await server.DrainAsync(signal, watcher.Options.Timeouts);
            return 0;
        }
        catch (Exception refused) when (!started && IsRefusal(refused))
        {
            return CannotStart(logger, refused);
        }
    }

    private static bool IsRefusal(Exception error) =>
        error is IOException or AddressInUseException or UnauthorizedAccessException or Win32Exception or ResourcesRefusedException;

    /// <summary>Resources that are refused are said as 'check' says them: every error, each on a line of its own.</summary>
    private static void SayErrors(Exception refused, TextWriter error)
    {
        foreach (var wrong in (refused as ResourcesRefusedException)?.Errors ?? [])
        {
            error.WriteLine(wrong);
        }
    }

    private static int CannotStart(ILogger logger, Exception refused)
    {
        // Kestrel wraps ours into a sentence of its own, about an http address that nobody configured. A defect comes with its stack.
        var cause = refused.InnerException as AddressInUseException ?? refused;
        logger.CannotStart(IsRefusal(cause) ? cause.Message : cause.ToString());
        return 1;
    }

    private static void OnStop(PosixSignalContext context, TaskCompletionSource<string> stop, string name)
    {
        // The default action would end the process before the drain; so it would at the second signal, which an impatient script sends.
        context.Cancel = true;
        stop.TrySetResult(name);
    }
}
