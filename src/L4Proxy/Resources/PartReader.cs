using System.Collections.Immutable;
using L4Proxy.Configuration;
using L4Proxy.Configuration.Binding;
using L4Proxy.Configuration.Yaml;
using L4Proxy.Core.Resources;

namespace L4Proxy.Resources;

/// <summary>From the text of one YAML document to its resource, or to those of its <c>List</c>.</summary>
/// <param name="workload">Whose proxy reads it; a resource without a namespace is of the workload's.</param>
internal sealed class PartReader(LocalWorkload workload)
{
    /// <summary>What Kubernetes writes into <c>metadata</c> by itself; it is in everything that <c>kubectl get</c> prints.</summary>
    private static readonly string[] _kubernetesOwn =
    [
        "uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "ownerReferences", "selfLink", "finalizers",
        "deletionTimestamp", "deletionGracePeriodSeconds",
    ];

    public ResourcePart Read(string text, ContentHash hash, string file, int linesBefore)
    {
        var errors = new ErrorList(file);
        var document = new ConfigurationDocument(errors, environment: null);
        var resources = ImmutableArray.CreateBuilder<ReadResource>(1);
        if (YamlReader.ReadPart(text, errors, linesBefore) is { } root)
        {
            Section.Read(root, document, section => Root(section, file, errors, resources));
        }
        return new ResourcePart(
            hash, file, linesBefore, errors.Count == 0 ? resources.DrainToImmutable() : [], [.. errors.Sorted()], [.. document.Warnings.Sorted()]);
    }

    private bool Root(Section root, string file, ErrorList errors, ImmutableArray<ReadResource>.Builder resources)
    {
        if (root.Value("kind", "", text => text) != "List")
        {
            return Resource(root, file, errors, resources);
        }
        root.Value("apiVersion", "", version => version == "v1" ? version : throw new FormatException($"'{version}' is not that of a List; write v1"));
        root.Has("metadata");
        root.InnerList("items", false, item => Resource(item, file, errors, resources));
        return true;
    }

    private bool Resource(Section root, string file, ErrorList errors, ImmutableArray<ReadResource>.Builder resources)
    {
        var before = errors.Count;
        var form = root.Required("kind", null, "AuthorizationPolicy", Form);
        root.Required("apiVersion", "", form is null ? "security.istio.io/v1" : $"{form.Group}/v1", version => Version(version, form));
        var metadata = root.Inner("metadata", Metadata.None, ReadMetadata);
        if (!root.Has("metadata"))
        {
            root.Fail("metadata", "is missing; add it, such as metadata: {name: \"web\"}");
        }
        // What the cluster says about the resource, not what it says itself.
        root.Has("status");
        if (form is null)
        {
            root.Has("spec");
            return false;
        }
        var origin = new Origin(form.Kind, metadata.Namespace ?? workload.Namespace, metadata.Name, file, root.Position.Line);
        var value = root.InnerOrEmpty("spec", spec =>
            form.Read(new ResourceDocument(origin, metadata.Annotations, metadata.Labels, spec, workload)));
        if (value is not null && errors.Count == before)
        {
            resources.Add(new ReadResource(form, origin, value));
        }
        return true;
    }

    private static ResourceForm? Form(string kind) => ResourceForm.All.FirstOrDefault(form => Enum.GetName(form.Kind) == kind)
        ?? throw new FormatException(
            $"'{kind}' is not a kind that is read here; {Suggestion.For(kind, [.. ResourceForm.All.Select(form => form.Kind.ToString())])}");

    private static string Version(string version, ResourceForm? form)
    {
        var known = form?.Versions.Select(each => $"{form.Group}/{each}").ToList();
        return known?.Contains(version, StringComparer.Ordinal) != false
            ? version : throw new FormatException($"'{version}' is not an apiVersion of {form!.Kind}; {Suggestion.For(version, known)}");
    }

    private static Metadata ReadMetadata(Section section)
    {
        foreach (var key in _kubernetesOwn)
        {
            section.Has(key);
        }
        return new Metadata(
            section.Required("name", "", "web", WorkloadText.Name),
            section.Value<string?>("namespace", null, WorkloadText.Name),
            section.Inner("labels", ResourceText.NoLabels, ResourceText.Labels),
            section.Inner("annotations", ResourceText.NoLabels, annotations =>
                annotations.Entries(key => key, value => value).ToImmutableSortedDictionary(StringComparer.Ordinal)));
    }

    private sealed record Metadata(
        string Name, string? Namespace, ImmutableSortedDictionary<string, string> Labels, ImmutableSortedDictionary<string, string> Annotations)
    {
        public static Metadata None { get; } = new("", null, ResourceText.NoLabels, ResourceText.NoLabels);
    }
}
