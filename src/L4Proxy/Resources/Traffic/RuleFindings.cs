using L4Proxy.Configuration;
using L4Proxy.Core.Resources;

namespace L4Proxy.Resources.Traffic;

/// <summary>What is found when resources are compared: each finding at the line of the resource that it is about.</summary>
internal sealed class RuleFindings
{
    private readonly List<ConfigurationError> _errors = [];
    private readonly List<ConfigurationError> _warnings = [];

    public IReadOnlyList<ConfigurationError> Errors => _errors;

    public IReadOnlyList<ConfigurationError> Warnings => _warnings;

    public void Refuse(Origin at, string path, string message) => _errors.Add(Finding(at, path, message));

    public void Warn(Origin at, string path, string message) => _warnings.Add(Finding(at, path, message));

    /// <summary>Two resources that exclude each other: nobody knows which was meant, so each is told of the other.</summary>
    public void RefuseBoth(Origin one, Origin other, string path, Func<Origin, string> message)
    {
        Refuse(one, path, message(other));
        Refuse(other, path, message(one));
    }

    private static ConfigurationError Finding(Origin at, string path, string message) => new(at.File, at.Line, 1, path, message);
}
