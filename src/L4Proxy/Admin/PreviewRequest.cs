using System.Text.Json.Serialization;

namespace L4Proxy.Admin;

/// <summary>A candidate: every resource file there would be.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record PreviewRequest(IReadOnlyList<CandidateFile> Resources) : VersionedShape
{
    /// <summary>Far more than 50 000 endpoints take; a bigger one is the wrong directory.</summary>
    public const int MaxBytes = 64 * 1024 * 1024;
}

/// <param name="Name">Of the file, for messages.</param>
/// <param name="Text">Its content.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record CandidateFile(string Name, string Text);
