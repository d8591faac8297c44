namespace L4Proxy.Tests.Netns;

/// <summary>The product's own binary, as it was built beside these tests.</summary>
internal static class L4ProxyBinary
{
    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "l4proxy");

    public static CommandAnswer Redirect(this NetworkNamespace where, params IEnumerable<string> arguments) =>
        where.Run([Path, "redirect", .. arguments]);

    public static CommandAnswer MustRedirect(this NetworkNamespace where, params IEnumerable<string> arguments)
    {
        var answer = where.Redirect(arguments);
        Assert.True(answer.ExitCode == 0, $"redirect {string.Join(' ', arguments)} ended with {answer.ExitCode}: {answer.All}");
        return answer;
    }
}
