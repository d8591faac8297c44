using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using L4Proxy.Load.Measuring;
using L4Proxy.Load.Wire;

namespace L4Proxy.Load.Contenders;

/// <summary>A started contender, pinned to its core. It gets SIGTERM from the kernel should this tool die without saying goodbye.</summary>
internal sealed class ContenderProcess : IDisposable
{
    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_stopLimit = TimeSpan.FromSeconds(3);

    private readonly Process _process;
    private readonly string _log;
    private readonly string _name;

    private ContenderProcess(string name, Process process, string log)
    {
        _name = name;
        _process = process;
        _log = log;
    }

    internal int Id => _process.Id;

    /// <summary>Starts it and waits until it accepts; throws <see cref="LoadException"/> with its output when it does not.</summary>
    /// <param name="contender">What to start.</param>
    /// <param name="site">Where.</param>
    /// <param name="prefix">Command words that put it into place, such as "ip netns exec NAME".</param>
    /// <param name="core">The core it gets for itself.</param>
    internal static ContenderProcess Start(IContender contender, Site site, IReadOnlyList<string> prefix, int core)
    {
        var launch = contender.Prepare(site);
        var log = Path.Combine(site.Directory, "output.log");
        string[] words = [.. prefix, "setpriv", "--pdeathsig", "TERM", "taskset", "-c", $"{core}", launch.FileName, .. launch.Arguments];
        // The shell only points the output at a file and then becomes the contender, so the process id is the contender's.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >\"$0\" 2>&1 </dev/null", log, .. words]);
        var process = Process.Start(start) ?? throw new LoadException($"{contender.Name}: could not start a process");
        var started = new ContenderProcess(contender.Name, process, log);
        try
        {
            started.WaitUntilItAccepts(site.Listen, string.Join(' ', words));
            return started;
        }
        catch
        {
            started.Dispose();
            throw;
        }
    }

    /// <summary>Throws <see cref="LoadException"/> with the process's output when it has died.</summary>
    internal void MustBeAlive()
    {
        if (_process.HasExited)
        {
            throw new LoadException($"{_name} ended with code {_process.ExitCode} while under load. Its output:\n{Output()}");
        }
    }

    /// <summary>The end of what it printed, for messages.</summary>
    internal string Output()
    {
        var lines = File.Exists(_log) ? File.ReadAllLines(_log) : [];
        return lines.Length == 0 ? "    (it printed nothing)" : string.Join('\n', lines.TakeLast(30).Select(line => $"    {line}"));
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            var tree = ProcessTree.Of(Id);
            _ = Libc.Kill(Id, Constants.SignalTerminate);
            if (!_process.WaitForExit(s_stopLimit))
            {
                foreach (var id in tree)
                {
                    _ = Libc.Kill(id, Constants.SignalKill);
                }
                _process.WaitForExit();
            }
        }
        _process.Dispose();
    }

    private void WaitUntilItAccepts(IPEndPoint endPoint, string commandLine)
    {
        var clock = Stopwatch.StartNew();
        while (!Accepts(endPoint))
        {
            if (_process.HasExited)
            {
                throw new LoadException($"{_name} did not start: it ended with code {_process.ExitCode}.\n  Command: {commandLine}\n  Its output:\n{Output()}");
            }
            if (clock.Elapsed > s_startLimit)
            {
                throw new LoadException($"{_name} did not accept connections at {endPoint} within {s_startLimit.TotalSeconds:0} s.\n  Command: {commandLine}\n  Its output:\n{Output()}");
            }
            Thread.Sleep(20);
        }
    }

    private static bool Accepts(IPEndPoint endPoint)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(endPoint);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>First line of a contender's version output; throws <see cref="LoadException"/> when the program is missing.</summary>
    internal static string Version(Chain contender)
    {
        var command = contender.VersionCommand;
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command.FileName, command.Arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
            var output = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
            process.WaitForExit();
            return output.Trim().Split('\n')[0];
        }
        catch (Win32Exception)
        {
            throw new LoadException($"{contender.Name}: '{command.FileName}' is not there. Install it (scripts/bench.sh does), build it, or leave it out with --contenders.");
        }
    }
}
