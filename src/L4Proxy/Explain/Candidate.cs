using System.Collections.Immutable;
using L4Proxy.Configuration;
using L4Proxy.Resources;

namespace L4Proxy.Explain;

/// <summary>Resources that are not in force, as one workload would see them.</summary>
/// <param name="Model">Null where there are errors. It shares nothing with what is in force.</param>
/// <param name="Errors">All of them; one refuses the whole set.</param>
/// <param name="Warnings">What is taken in another sense than it may be meant.</param>
internal sealed record Candidate(MeshModel? Model, ImmutableArray<ConfigurationError> Errors, ImmutableArray<ConfigurationError> Warnings)
{
    /// <param name="files">Name and content of every file.</param>
    /// <param name="options">Whose workload.</param>
    public static Candidate OfTexts(IEnumerable<(string Name, string Text)> files, ProxyOptions options) =>
        Of(ResourceTexts.Read(files, MeshModels.WorkloadOf(options)), options);

    /// <summary>The resources that a configuration names; none when it names none.</summary>
    public static Candidate Of(ProxyOptions options) =>
        options.Mesh.Resources.Length == 0 ? new(MeshModel.Empty, [], []) : OfPath(options.Mesh.Resources, options);

    /// <param name="path">A file, or a directory of files.</param>
    /// <param name="options">Whose workload.</param>
    public static Candidate OfPath(string path, ProxyOptions options) =>
        Of(ResourceSet.Read(path, MeshModels.WorkloadOf(options)), options);

    private static Candidate Of(ResourceSet set, ProxyOptions options) =>
        new(set.Errors.IsEmpty ? MeshModels.Build(set, options, before: null) : null, set.Errors, set.Warnings);
}
