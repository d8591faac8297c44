using System.Text.RegularExpressions;

namespace L4Proxy.Tests.House;

/// <summary>Who may know whom. The table is the rule; what is not in it is not allowed.</summary>
public sealed partial class LayerTests
{
    private static readonly Dictionary<string, string[]> _mayImport = new(StringComparer.Ordinal)
    {
        ["Core.Connections"] = [],
        ["Core.Resources"] = [],
        ["Core.Policy"] = ["Core.Connections", "Core.Identity", "Core.Resources"],
        // A route may match what policies match: names with a star.
        ["Core.Routing"] = ["Core.Connections", "Core.Identity", "Core.Policy", "Core.Resources"],
        ["Core.Detection"] = ["Core.Connections"],
        // A verdict about a peer is a close reason.
        ["Core.Identity"] = ["Core.Connections"],

        ["Transport.Native"] = [],
        ["Transport.Pipelines"] = ["Transport", "Transport.Native"],
        ["Transport.Tls"] = ["Transport", "Transport.Native"],
        ["Transport"] = ["Transport.Native", "Transport.Pipelines", "Transport.Tls"],
        ["Transport.Hosting"] = ["Transport", "Transport.Native", "Transport.Pipelines"],

        // Rules are text for other programs: nothing of ours but system calls.
        ["Redirect"] = ["Transport.Native"],
        // Certificates are files for other programs: the same.
        ["Pki"] = ["Transport.Native"],

        // From the identities it takes what a SPIFFE ID is.
        ["Configuration"] = ["Core.Connections", "Core.Identity", "Core.Policy", "Core.Routing", "Watching"],
        ["Configuration.Yaml"] = ["Configuration"],
        ["Configuration.Binding"] = ["Configuration", "Configuration.Yaml", "Core.Identity", "Core.Policy", "Core.Routing"],

        // Istio's resources, in the words of the files, made into what Core decides by.
        ["Resources"] =
        [
            "Configuration", "Configuration.Binding", "Configuration.Yaml", "Core.Identity", "Core.Policy", "Core.Resources", "Core.Routing",
            "Resources.Traffic", "Telemetry", "Transport.Native", "Watching",
        ],
        ["Resources.Traffic"] =
        [
            "Configuration", "Configuration.Binding", "Core.Identity", "Core.Policy", "Core.Resources", "Core.Routing", "Resources",
        ],

        ["Watching"] = [],
        // A refusal of our own certificate is a close reason of every peer.
        ["Identity"] = ["Configuration", "Core.Connections", "Core.Identity", "Telemetry", "Watching"],

        // From the transport it takes what loops count and their clock.
        ["Telemetry"] = ["Core.Connections", "Transport", "Transport.Native"],

        // Names into addresses, for the registry that needs them.
        ["Names"] = ["Telemetry"],
        // What was called and no resource covers, written as resources.
        ["Egress"] = [],

        // From routing it takes what a destination's TLS is to be.
        ["Tls"] =
        [
            "Core.Connections", "Core.Detection", "Core.Identity", "Core.Routing", "Identity", "Transport", "Transport.Tls",
        ],

        // Not Telemetry: a handler sets facts on the record and can neither log nor count. From Redirect: the mark and the probe's answer.
        ["Interception"] =
        [
            "Core.Connections", "Core.Detection", "Core.Identity", "Core.Policy", "Core.Resources", "Core.Routing", "Configuration", "Redirect",
            "Resources", "Tls", "Transport", "Transport.Native",
        ],
        // The questions of the handlers without a connection. From Interception: what configuration adds to routes, and words of the log.
        ["Explain"] =
        [
            "Configuration", "Configuration.Binding", "Configuration.Yaml", "Core.Connections", "Core.Identity", "Core.Policy", "Core.Resources",
            "Core.Routing", "Interception", "Resources",
        ],
        // Not Listening: it is told what is alive and closes nothing.
        ["Admin"] = ["Configuration", "Core.Connections", "Core.Policy", "Core.Resources", "Explain", "Resources", "Telemetry", "Transport"],
        ["Listening"] =
        [
            "Admin", "Core.Connections", "Core.Identity", "Core.Policy", "Core.Routing", "Configuration", "Egress", "Identity", "Interception", "Names",
            "Redirect", "Resources", "Telemetry", "Tls",
            "Transport", "Transport.Hosting", "Transport.Tls",
        ],
        ["Commands"] =
        [
            "Admin", "Configuration", "Configuration.Binding", "Core.Connections", "Core.Policy", "Explain", "Identity", "Listening", "Pki",
            "Redirect", "Resources", "Telemetry",
        ],
        [""] = ["Commands"],
    };

    private static readonly List<SourceFile> _files = [.. Repository.Sources("src").Select(SourceFile.Read)];

    public static TheoryData<string> Rooms => [.. _mayImport.Keys];

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_room_knows_only_the_rooms_it_may_know(string room)
    {
        var files = _files.Where(file => file.Room == room).ToList();
        Assert.NotEmpty(files);

        // Its own inner rooms and the outer one belong to it: Configuration and Configuration.Yaml are one subject in two folders.
        var strangers = from file in files
                        from known in file.Knows
                        where known != room && !_mayImport[room].Contains(known) && !(room == "Configuration" && known.StartsWith("Configuration.", StringComparison.Ordinal))
                        select $"{file.Path} knows {known}";

        Assert.Empty(strangers);
    }

    [Fact]
    public void Every_room_has_a_rule() =>
        Assert.Empty(_files.Select(file => file.Room).Distinct(StringComparer.Ordinal).Except(_mayImport.Keys, StringComparer.Ordinal));

    [Fact]
    public void System_calls_are_declared_in_one_folder() =>
        Assert.All(_files.Where(file => PInvoke().IsMatch(file.Code)), file => Assert.Equal("Transport.Native", file.Room));

    [Fact]
    public void No_file_is_above_300_lines_without_a_reason_in_its_first() =>
        Assert.All(_files.Where(file => file.Lines > 300), file => Assert.StartsWith("// ", file.Text, StringComparison.Ordinal));

    [Fact]
    public void Half_of_all_files_have_at_most_80_lines() =>
        Assert.InRange(_files.Select(file => file.Lines).Order().ElementAt(_files.Count / 2), 1, 80);

    /// <summary>A file, its room (namespace without the first word), and the rooms it names.</summary>
    private sealed record SourceFile(string Path, string Room, string Text, string Code)
    {
        public int Lines => Text.Count(letter => letter == '\n');

        /// <summary>By <c>using</c>, or by a name qualified from the first word or from a room of ours.</summary>
        public IEnumerable<string> Knows => Names().Matches(Code)
            .Select(match => match.Groups["room"].Value)
            .Concat(QualifiedTypes().Matches(Code).Where(match => IsTypeOf(match)).Select(match => match.Groups["room"].Value))
            .Distinct(StringComparer.Ordinal);

        public static SourceFile Read(string path)
        {
            var text = File.ReadAllText(Repository.Path(path));
            var room = Namespace().Match(text).Groups["room"].Value;
            return new SourceFile(path, room, text, Comments().Replace(text, ""));
        }

        // Transport.SpliceMode names a room; Transport.EventLoops is also a property of the options, and then there is no such type.
        private static bool IsTypeOf(Match match) => File.Exists(Repository.Path(
            $"{(match.Groups["room"].Value.StartsWith("Transport", StringComparison.Ordinal) ? "src/L4Proxy." : "src/L4Proxy/")}"
            + $"{match.Groups["room"].Value.Replace('.', '/')}/{match.Groups["type"].Value}.cs"));
    }

    [GeneratedRegex(@"^namespace L4Proxy\.?(?<room>[\w.]*);", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^using (static |\w+ = )?L4Proxy\.(?<room>[\w.]+);", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Names();

    [GeneratedRegex(@"(?<![\w.])(L4Proxy\.)?(?<room>Transport(\.Native|\.Hosting|\.Pipelines)?|Redirect|Telemetry|Configuration|Identity|Watching|Interception|Listening|Explain|Admin|Commands)\.(?<type>[A-Z]\w*)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex QualifiedTypes();

    [GeneratedRegex(@"^\s*//.*$", RegexOptions.Multiline, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Comments();

    [GeneratedRegex(@"\[(LibraryImport|DllImport)\(", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex PInvoke();
}
