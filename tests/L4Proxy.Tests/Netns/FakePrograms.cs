namespace L4Proxy.Tests.Netns;

/// <summary>
/// Programs that stand in front of the real ones, or instead of them, for kernels and machines this one is not. With
/// <c>alone</c> nothing else can be found, so what is not written here is not installed.
/// </summary>
internal sealed class FakePrograms : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("l4p-").FullName;
    private readonly bool _alone;

    public FakePrograms(bool alone)
    {
        _alone = alone;

        // Others than root run them too.
        File.SetUnixFileMode(_folder, (UnixFileMode)0b111_101_101);
    }

    /// <summary>A shell script; <c>$0</c>'s real program is named by its full path where it is called.</summary>
    public FakePrograms With(string program, string script)
    {
        var path = Path.Combine(_folder, program);
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        return this;
    }

    /// <summary>The program says this and fails, whatever it is asked.</summary>
    public FakePrograms Failing(string program, string words) => With(program, $"cat >/dev/null 2>&1; printf '%s\\n' \"{words.Replace("`", "\\`", StringComparison.Ordinal)}\" >&2; exit 1");

    public CommandAnswer Redirect(NetworkNamespace where, params IEnumerable<string> arguments) => where.Run(
        ["env", $"PATH={_folder}{(_alone ? "" : ":" + Environment.GetEnvironmentVariable("PATH"))}", L4ProxyBinary.Path, "redirect", .. arguments]);

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
