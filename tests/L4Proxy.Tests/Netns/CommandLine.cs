using System.Diagnostics;

namespace L4Proxy.Tests.Netns;

/// <summary>What a command said.</summary>
internal sealed record CommandAnswer(int ExitCode, string Output, string Error)
{
    public string All => Output + Error;
}

/// <summary>Runs one command to its end; no shell. A missing program throws, so a test that needs it fails.</summary>
internal static class CommandLine
{
    public static CommandAnswer Run(string input, string program, params IEnumerable<string> arguments)
    {
        using var process = Start(program, arguments);
        var error = process.StandardError.ReadToEndAsync();
        try
        {
            process.StandardInput.Write(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended early; its exit code says why.
        }

        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new CommandAnswer(process.ExitCode, output, error.GetAwaiter().GetResult());
    }

    public static string MustRun(string input, string program, params IEnumerable<string> arguments)
    {
        var all = arguments.ToList();
        var answer = Run(input, program, all);
        Assert.True(answer.ExitCode == 0, $"{program} {string.Join(' ', all)} ended with {answer.ExitCode}: {answer.All}");
        return answer.Output;
    }

    public static Process Start(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };

        // What the test runner sets for itself must not reach the product.
        start.Environment.Remove("CI");
        return Process.Start(start)!;
    }
}
