using System.CommandLine;
using L4Proxy.Commands;

namespace L4Proxy.Tests.Commands;

/// <summary>A verb as a person runs it, with what it prints.</summary>
internal static class Verb
{
    public static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using StringWriter output = new(), error = new();
        var parsed = CommandTree.Create().Parse(arguments);
        Assert.Empty(parsed.Errors);
        var code = await parsed.InvokeAsync(new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }
}
