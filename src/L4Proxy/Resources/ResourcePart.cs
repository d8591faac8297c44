using System.Collections.Immutable;
using L4Proxy.Configuration;
using L4Proxy.Core.Resources;

namespace L4Proxy.Resources;

/// <summary>One resource as it was read, not yet beside the others.</summary>
/// <param name="Form">Its kind.</param>
/// <param name="Origin">Where it stands.</param>
/// <param name="Value">Its normal form.</param>
internal sealed record ReadResource(ResourceForm Form, Origin Origin, object Value);

/// <summary>One document of a file, read: what is kept, so that the same text is not read a second time.</summary>
/// <param name="Hash">Of its text.</param>
/// <param name="File">In which it stands.</param>
/// <param name="LinesBefore">Above it in the file.</param>
/// <param name="Resources">More than one only from a List; none if there were errors.</param>
internal sealed record ResourcePart(
    ContentHash Hash, string File, int LinesBefore, ImmutableArray<ReadResource> Resources,
    ImmutableArray<ConfigurationError> Errors, ImmutableArray<ConfigurationError> Warnings)
{
    /// <summary>The same text elsewhere. Only for one without errors: their sentences name lines.</summary>
    public ResourcePart MoveTo(string file, int linesBefore)
    {
        var lines = linesBefore - LinesBefore;
        if (lines == 0 && file == File)
        {
            return this;
        }
        return this with
        {
            File = file,
            LinesBefore = linesBefore,
            Resources = [.. Resources.Select(resource => Move(resource, file, lines))],
            Warnings = [.. Warnings.Select(warning => warning with { File = file, Line = warning.Line + lines })],
        };
    }

    private static ReadResource Move(ReadResource resource, string file, int lines)
    {
        var origin = resource.Origin with { File = file, Line = resource.Origin.Line + lines };
        return resource with { Origin = origin, Value = resource.Form.Move(resource.Value, origin, lines) };
    }
}
