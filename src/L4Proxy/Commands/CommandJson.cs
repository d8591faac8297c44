using System.Text.Json;
using System.Text.Json.Serialization;
using L4Proxy.Admin;

namespace L4Proxy.Commands;

/// <summary>What verbs print for programs. The shapes of the admin endpoint are printed as they came.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ExplainReply))]
[JsonSerializable(typeof(PreviewReply))]
[JsonSerializable(typeof(TestReport))]
[JsonSerializable(typeof(ReplayReport))]
internal sealed partial class CommandJson : JsonSerializerContext
{
    /// <summary>Identities and file names as they are: this is no HTML.</summary>
    public static CommandJson Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}

/// <summary>What <c>policy test --json</c> prints.</summary>
internal sealed record TestReport(int Passed, int Failed, IReadOnlyList<string> Errors, IReadOnlyList<TestedCase> Cases) : VersionedShape;

/// <param name="File">The fixture.</param>
/// <param name="Line">Of the case.</param>
/// <param name="Name">Of the case.</param>
/// <param name="Passed">Whether it became what it must.</param>
/// <param name="Expected">What it must become.</param>
/// <param name="Got">What it would become.</param>
internal sealed record TestedCase(string File, int Line, string Name, bool Passed, string Expected, ExplainReply Got);

/// <summary>What <c>policy replay --json</c> prints.</summary>
internal sealed record ReplayReport(
    long Lines, long LetIn, long WouldBeDenied, long DeniedThen, long WouldBeAllowed, long NotJudged, long NotInbound, long Unreadable,
    IReadOnlyList<ReplayedGroup> Denied) : VersionedShape;

/// <param name="Who">Identity of the peer; in clear its address.</param>
/// <param name="Port">Of the workload.</param>
/// <param name="Count">Connections.</param>
/// <param name="First">End of the first of them.</param>
/// <param name="Last">End of the last of them.</param>
/// <param name="Reason">The close reason they would have.</param>
/// <param name="Rule">The rule that denies; null: no ALLOW rule matches, or mTLS is what they lack.</param>
/// <param name="By">Where that is written.</param>
internal sealed record ReplayedGroup(
    string Who, int Port, long Count, DateTimeOffset? First, DateTimeOffset? Last, string Reason, string? Rule, OriginReply? By);
