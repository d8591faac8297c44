using System.ComponentModel;
using System.Diagnostics;

namespace L4Proxy.Redirect;

/// <summary>What a program answered; <see cref="ExitCode"/> is 127 when it is not installed, as a shell would have it.</summary>
internal sealed record ProgramAnswer(string Program, int ExitCode, string Output, string Error)
{
    public const int NotFound = 127;

    public bool Succeeded => ExitCode == 0;

    public bool IsInstalled => ExitCode != NotFound;
}

/// <summary>
/// Runs nft, iptables and ip: a list of arguments and standard input, never a shell. Not cancellable: a change of rules takes some 50 ms,
/// and half of one is what nobody may be left with.
/// </summary>
internal static class ExternalProgram
{
    /// <summary>Twice what iptables may wait for its lock (-w 10), and then some: nothing here takes longer than 0.1 s otherwise.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    public static async Task<ProgramAnswer> RunAsync(string program, IEnumerable<string> arguments, string input)
    {
        using var process = new Process();
        process.StartInfo = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        process.StartInfo.Environment["LC_ALL"] = "C"; // The diagnosis reads what they print.
        try
        {
            process.Start();
        }
        catch (Win32Exception notFound) when (notFound.NativeErrorCode is 2 or 13)
        {
            return new ProgramAnswer(program, ProgramAnswer.NotFound, "", $"{program}: not found");
        }

        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            var error = process.StandardError.ReadToEndAsync(deadline.Token);
            await WriteAsync(process, input);
            await process.WaitForExitAsync(deadline.Token);
            return new ProgramAnswer(program, process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            return new ProgramAnswer(program, 1, "", $"{program} did not finish within {Deadline.TotalSeconds:0} s");
        }
    }

    public static bool IsInstalled(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Any(folder => File.Exists(Path.Combine(folder, program)));

    private static async Task WriteAsync(Process process, string input)
    {
        try
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended before it read everything; its exit code and its words say why.
        }
    }
}
