using System.CommandLine;
using System.Globalization;
using L4Proxy.Commands;
using L4Proxy.Tests.Configuration;
using L4Proxy.Tests.Netns;
using L4Proxy.Tests.Running;

namespace L4Proxy.Tests.Resources;

/// <summary>Both verbs judge the resources that the configuration names, and neither goes on without good ones.</summary>
public sealed class ResourceCommandTests : IDisposable
{
    private const string Bad = """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: p}
        spec: {action: DENI, rules: [{to: [{operation: {ports: [70000]}}]}]}
        """;

    private const string Errors = """
        bad.yaml:4:16: spec.action: 'DENI' is not accepted; did you mean 'DENY'?
        bad.yaml:4:57: spec.rules[0].to[0].operation.ports[0]: '70000' is not a port; write a number from 1 to 65535

        """;

    private readonly ResourceDirectory _resources = new();
    private readonly TemporaryDirectory _directory = new();

    public void Dispose()
    {
        _resources.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void Check_says_what_the_resources_are_and_what_is_doubtful()
    {
        _resources.Write("good.yaml", Bad.Replace("DENI", "DENY", StringComparison.Ordinal).Replace("70000", "80], paths: [/a", StringComparison.Ordinal));

        var (code, output, error) = Check(Configuration());

        Assert.Equal(0, code);
        Assert.EndsWith($": resources of {_resources.Path}: 1 AuthorizationPolicy, 1 warning(s)\n", output, StringComparison.Ordinal);
        Assert.StartsWith("warning: good.yaml:4:30: spec.rules[0]: asks for paths, which only HTTP has and which is left out", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_says_every_error_of_the_resources()
    {
        _resources.Write("bad.yaml", Bad);

        var (code, _, error) = Check(Configuration());

        Assert.Equal((1, Errors), (code, error));
    }

    [Fact]
    public void Check_wants_the_directory_to_be_there()
    {
        Directory.Delete(_resources.Path);

        Assert.Equal(
            (1, $"{_resources.Path}: does not exist; make the directory (it may be empty), or name another in mesh.resources\n"),
            Check(Configuration()) is var answer ? (answer.Code, answer.Error) : default);
    }

    [Fact]
    public void Run_does_not_start_with_bad_resources_and_says_every_error()
    {
        _resources.Write("bad.yaml", Bad);
        var path = _directory.File("l4proxy.yaml");
        File.WriteAllText(path, Configuration());

        var answer = CommandLine.Run("", "dotnet", Path.Combine(AppContext.BaseDirectory, "l4proxy.dll"), "run", "--config", path);

        Assert.Equal(1, answer.ExitCode);
        Assert.Contains(Errors, answer.Error, StringComparison.Ordinal);
        Assert.Contains($"cannot start: mesh.resources {_resources.Path} is refused with 2 error(s)", answer.Error, StringComparison.Ordinal);
    }

    private string Configuration()
    {
        int[] ports = [FreePorts.Take(), FreePorts.Take(), FreePorts.Take(), FreePorts.Take()];
        return string.Create(CultureInfo.InvariantCulture, $$"""
            forward: [{listen: "127.0.0.1:{{ports[0]}}", upstream: "10.0.0.1:1"}]
            mesh: {resources: {{_resources.Path}}}
            telemetry: {metrics: [{{ports[1]}}]}
            health: {{ports[2]}}
            admin: {{ports[3]}}
            """);
    }

    private (int Code, string Output, string Error) Check(string configuration)
    {
        var path = _directory.File("l4proxy.yaml");
        File.WriteAllText(path, configuration);
        using StringWriter output = new(), error = new();
        var code = CommandTree.Create().Parse(["check", "--config", path]).Invoke(new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }
}
