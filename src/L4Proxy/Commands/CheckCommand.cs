using System.CommandLine;
using L4Proxy.Configuration;
using L4Proxy.Identity;
using L4Proxy.Resources;

namespace L4Proxy.Commands;

/// <summary><c>l4proxy check</c>: says everything that is wrong with a configuration file, or what it would do.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var config = new Option<string>("--config")
        {
            Description = "The configuration file.",
            HelpName = "FILE",
            Required = true,
        };
        var command = new Command("check", """
            Validates a configuration file, and the certificates and resources it names, with the code that 'run' uses. Prints every error as
            FILE:LINE:COLUMN: KEY: what is wrong; what would do.

            Example:
              l4proxy check --config /etc/l4proxy/l4proxy.yaml

            Exit code: 0 the file is good, 1 it is not, 2 wrong usage.
            """) { config };
        command.SetAction(parsed => Check(
            parsed.GetRequiredValue(config), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error));
        return command;
    }

    private static int Check(string path, TextWriter output, TextWriter error)
    {
        var result = ConfigurationLoader.Load(path, Environment.GetEnvironmentVariable);
        foreach (var wrong in result.Errors)
        {
            error.WriteLine(wrong);
        }
        if (result.Options is not { } options)
        {
            return 1;
        }
        output.WriteLine($"{path}: {ConfigurationSummary.Of(options, OpenFilesLimit.Read())}");
        var isIdentityGood = options.Identity.Source == IdentitySource.None || CheckIdentity(path, options, output, error);
        var areResourcesGood = options.Mesh.Resources.Length == 0 || CheckResources(path, options, output, error);
        return isIdentityGood && areResourcesGood ? 0 : 1;
    }

    /// <summary>The resources, judged and compiled as 'run' will. Warnings do not make them bad.</summary>
    private static bool CheckResources(string path, ProxyOptions options, TextWriter output, TextWriter error)
    {
        var set = ResourceSet.Read(options.Mesh.Resources, MeshModels.WorkloadOf(options));
        foreach (var wrong in set.Errors)
        {
            error.WriteLine(wrong);
        }
        foreach (var warning in set.Warnings)
        {
            error.WriteLine($"warning: {warning}");
        }
        if (!set.Errors.IsEmpty)
        {
            return false;
        }
        MeshModels.Build(set, options, before: null);
        output.WriteLine($"{path}: resources of {options.Mesh.Resources}: {set}");
        return true;
    }

    /// <summary>The files behind the identity, judged as 'run' will.</summary>
    private static bool CheckIdentity(string path, ProxyOptions options, TextWriter output, TextWriter error)
    {
        var result = new IdentityLoader(options).Load(IdentityFiles.Read(options.Identity), generation: 1, DateTime.UtcNow);
        foreach (var problem in result.Problems)
        {
            error.WriteLine($"{path}: {problem}");
        }
        if (result.Generation is not { } generation)
        {
            return false;
        }
        output.WriteLine($"{path}: identity {generation.Summary}");
        return true;
    }
}
