using L4Proxy.Configuration;
using L4Proxy.Core.Resources;

namespace L4Proxy.Resources;

/// <summary>Collects what is wrong, and what is doubtful, across resources that are each good by themselves.</summary>
internal sealed class ResourceFindings
{
    private readonly List<ConfigurationError> _errors = [];
    private readonly List<ConfigurationError> _warnings = [];

    public IReadOnlyList<ConfigurationError> Errors => _errors;

    public IReadOnlyList<ConfigurationError> Warnings => _warnings;

    /// <param name="at">The resource, or the line of it that is meant.</param>
    /// <param name="path">Of the key, such as <c>spec.tcp[0].route[1].destination.host</c>; empty for the resource as a whole.</param>
    /// <param name="message">What is wrong; what would do.</param>
    public void Error(Origin at, string path, string message) => _errors.Add(Of(at, path, message));

    /// <inheritdoc cref="Error"/>
    public void Warn(Origin at, string path, string message) => _warnings.Add(Of(at, path, message));

    // Normal forms remember lines and no columns; the line's beginning is near enough.
    private static ConfigurationError Of(Origin at, string path, string message) => new(at.File, at.Line, 1, path, message);
}
