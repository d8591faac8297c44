using System.CommandLine;
using System.Collections.Immutable;
using L4Proxy.Configuration;
using L4Proxy.Configuration.Binding;
using L4Proxy.Core.Policy;

namespace L4Proxy.Commands;

/// <summary>Whose policy it is: a configuration file says so, or these options in its place.</summary>
internal sealed class WorkloadArguments
{
    private readonly Option<string> _config = new("--config") { HelpName = "FILE", Description = "The configuration of the proxy; then none of the following." };
    private readonly Option<string> _namespace = new("--workload-namespace") { HelpName = "NAME", Description = "Default: default." };
    private readonly Option<string[]> _labels = new("--workload-label") { HelpName = "KEY=VALUE", Description = "May be repeated." };
    private readonly Option<string> _trustDomain = new("--trust-domain") { HelpName = "NAME", Description = "Default: cluster.local." };
    private readonly Option<string> _rootNamespace = new("--root-namespace") { HelpName = "NAME", Description = "Default: istio-system." };
    private readonly Option<string> _mtls = new("--mtls")
    {
        HelpName = "STRICT|PERMISSIVE|DISABLE",
        Description = "Where no PeerAuthentication says otherwise. Default: PERMISSIVE.",
    };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _config, _namespace, _labels, _trustDomain, _rootNamespace, _mtls })
        {
            command.Options.Add(option);
        }
    }

    /// <param name="parsed">The arguments.</param>
    /// <param name="errors">What is wrong with them; wrong usage.</param>
    /// <param name="fileErrors">What is wrong with the configuration; a failure.</param>
    /// <returns>Null with at least one of either.</returns>
    public ProxyOptions? Read(ParseResult parsed, out ImmutableArray<string> errors, out IReadOnlyList<ConfigurationError> fileErrors)
    {
        errors = [];
        fileErrors = [];
        var options = new Option[] { _namespace, _labels, _trustDomain, _rootNamespace, _mtls };
        if (parsed.GetValue(_config) is { } path)
        {
            errors = [.. options.Where(option => parsed.GetResult(option) is not null).Select(option => $"{option.Name}: the configuration file says this; leave one of them out")];
            var loaded = ConfigurationLoader.Load(path, Environment.GetEnvironmentVariable);
            fileErrors = loaded.Errors;
            return errors.IsEmpty ? loaded.Options : null;
        }
        var wrong = ImmutableArray.CreateBuilder<string>();
        var (workload, mesh) = (new WorkloadOptions(), new MeshOptions());
        var read = new ProxyOptions
        {
            Workload = workload with
            {
                Namespace = One(_namespace, workload.Namespace, WorkloadText.Name),
                TrustDomain = One(_trustDomain, workload.TrustDomain, WorkloadText.TrustDomain),
                Labels = Labels(),
            },
            Mesh = mesh with
            {
                RootNamespace = One(_rootNamespace, mesh.RootNamespace, WorkloadText.Name),
                Mtls = One(_mtls, MtlsMode.Permissive, Mode),
            },
            Identity = new IdentityOptions { Source = IdentitySource.Files },
        };
        errors = [.. wrong];
        return wrong.Count == 0 ? read : null;

        T One<T>(Option<string> option, T absent, Func<string, T> parse) => parsed.GetValue(option) is { } text ? Try(option, text, absent, parse) : absent;

        ImmutableSortedDictionary<string, string> Labels() => (parsed.GetValue(_labels) ?? [])
            .Select(text => Try(_labels, text, default, Label)).DistinctBy(label => label.Key, StringComparer.Ordinal)
            .Where(label => label.Key is not null).ToImmutableSortedDictionary(StringComparer.Ordinal);

        T Try<T>(Option option, string text, T otherwise, Func<string, T> parse)
        {
            try
            {
                return parse(text);
            }
            catch (FormatException problem)
            {
                wrong.Add($"{option.Name}: {problem.Message}");
                return otherwise;
            }
        }
    }

    private static KeyValuePair<string, string> Label(string text) => text.Split('=', 2) is [var key, var value]
        ? new(WorkloadText.LabelKey(key), WorkloadText.LabelValue(value))
        : throw new FormatException($"'{text}' is not a label; write KEY=VALUE, such as app=web");

    private static MtlsMode Mode(string text) => Array.Find(Enum.GetValues<MtlsMode>(), mode => OptionKey.Word(mode) == text) is var found && OptionKey.Word(found) == text
        ? found
        : throw new FormatException($"'{text}' is not a mode; write STRICT, PERMISSIVE or DISABLE");
}
