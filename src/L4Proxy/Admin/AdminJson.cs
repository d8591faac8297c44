using System.Text.Json.Serialization;

namespace L4Proxy.Admin;

/// <summary>The shapes of the admin endpoint, made into code at compile time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ErrorReply))]
[JsonSerializable(typeof(ExplainReply))]
[JsonSerializable(typeof(PolicyReply))]
[JsonSerializable(typeof(PreviewRequest))]
[JsonSerializable(typeof(PreviewReply))]
internal sealed partial class AdminJson : JsonSerializerContext;

/// <summary>Every shape has the number of its version first; it grows when a reader of the old one would be misled.</summary>
internal abstract record VersionedShape
{
    public const int Current = 1;

    [JsonPropertyOrder(-1)]
    public int Version { get; init; } = Current;
}

/// <summary>Why there is no answer.</summary>
internal sealed record ErrorReply(string Error) : VersionedShape;

/// <summary>A resource and where it is written.</summary>
/// <param name="Kind">As the file says it.</param>
/// <param name="Id"><c>demo/deny-web</c>.</param>
/// <param name="File">Null: it came from no file.</param>
/// <param name="Line">From 1; null without a file.</param>
internal sealed record OriginReply(string Kind, string Id, string? File, int? Line)
{
    public static OriginReply? Of(Core.Resources.Origin? origin) => origin is null ? null
        : new(origin.Kind.ToString(), origin.Id, origin.File.Length == 0 ? null : origin.File, origin.File.Length == 0 ? null : origin.Line);

    /// <summary><c>AuthorizationPolicy demo/deny-web (policies.yaml:12)</c>.</summary>
    public override string ToString() => File is null ? $"{Kind} {Id}" : $"{Kind} {Id} ({File}:{Line})";
}
