using System.Globalization;
using L4Proxy.Resources;

namespace L4Proxy.Tests.Resources;

/// <summary>An update costs what changed, and says every line as it is now.</summary>
public sealed class ResourceCacheTests : IDisposable
{
    private readonly ResourceDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_change_of_one_document_reads_that_one_again_and_no_other()
    {
        _directory.Write("a.yaml", Documents(100));
        _directory.Write("b.yaml", Documents(100, from: 100));
        var loader = _directory.Loader();
        var first = loader.Load(readEverything: false);
        _directory.Write("b.yaml", Documents(100, from: 100).Replace("[1.2.3.150]", "[1.2.3.99]", StringComparison.Ordinal));

        var second = loader.Load(readEverything: false);

        Assert.Equal((200, 1), (first.PartsRead, second.PartsRead));
        Assert.NotEqual(first.Fingerprint, second.Fingerprint);
        Assert.Equal("0 resources added, 1 changed, 0 removed", ResourceChanges.Between(first, second).ToString());
        Assert.Equal(199, Values(second).Intersect(Values(first), ReferenceEqualityComparer.Instance).Count());
    }

    [Fact]
    public void A_line_inserted_above_moves_every_line_below_without_reading_it_again()
    {
        _directory.Write("a.yaml", Documents(50));
        var loader = _directory.Loader();
        var first = loader.Load(readEverything: false);
        _directory.Write("a.yaml", "# new\n---\n" + Documents(50));

        var moved = loader.Load(readEverything: false);

        Assert.Equal(0, moved.PartsRead);
        Assert.Equal("0 resources added, 0 changed, 0 removed", ResourceChanges.Between(first, moved).ToString());
        AssertSame(_directory.Judge(), Judge(moved));
    }

    [Fact]
    public void A_renamed_file_and_a_removed_document_read_nothing_again()
    {
        _directory.Write("a.yaml", Documents(50));
        var loader = _directory.Loader();
        var first = loader.Load(readEverything: false);
        Directory.CreateDirectory(_directory.File("sub"));
        File.Move(_directory.File("a.yaml"), _directory.File("sub/z.yml"));
        _directory.Write("sub/z.yml", Documents(30, from: 20));

        var moved = loader.Load(readEverything: false);

        Assert.Equal(0, moved.PartsRead);
        Assert.Equal("0 resources added, 0 changed, 20 removed", ResourceChanges.Between(first, moved).ToString());
        AssertSame(_directory.Judge(), Judge(moved));
    }

    [Fact]
    public void Files_that_nobody_wrote_are_not_read_again_until_contents_are_to_be_compared()
    {
        _directory.Write("a.yaml", Documents(2));
        _directory.Write("b.yaml", Documents(2, from: 2));
        // Two seconds on: nothing that is written now can have the stamp of then.
        var loader = _directory.Loader(new Later(TimeSpan.FromSeconds(2)));

        var first = loader.Load(readEverything: false);
        var second = loader.Load(readEverything: false);
        _directory.Write("b.yaml", Documents(2, from: 2));
        var touched = loader.Load(readEverything: false);
        var compared = loader.Load(readEverything: true);

        Assert.Equal([(2, 4), (0, 0), (1, 0), (2, 0)], new[] { first, second, touched, compared }.Select(load => (load.FilesRead, load.PartsRead)));
        Assert.Single(new[] { first, second, touched, compared }.Select(load => load.Fingerprint).Distinct());
    }

    [Fact]
    public void A_file_written_a_moment_ago_is_read_again_for_its_stamp_may_yet_be_given_twice()
    {
        _directory.Write("a.yaml", Documents(2));
        var loader = _directory.Loader(new Later(TimeSpan.FromMilliseconds(-500)));
        loader.Load(readEverything: false);

        Assert.Equal((1, 0), loader.Load(readEverything: false) is var again ? (again.FilesRead, again.PartsRead) : default);
    }

    [Fact]
    public void Only_the_document_with_an_error_is_read_again_when_it_is_repaired()
    {
        _directory.Write("a.yaml", Documents(20));
        var loader = _directory.Loader();
        loader.Load(readEverything: false);
        _directory.Write("a.yaml", Documents(20).Replace("1.2.3.7]", "oops]", StringComparison.Ordinal));
        var broken = loader.Load(readEverything: false);
        _directory.Write("a.yaml", "# moved\n" + Documents(20).Replace("1.2.3.7]", "1.2.3.77]", StringComparison.Ordinal));

        var repaired = loader.Load(readEverything: false);

        Assert.Equal((1, 1), (broken.PartsRead, Judge(broken).Errors.Length));
        // The comment belongs to the first document, so that one is read as well.
        Assert.Equal((2, 0), (repaired.PartsRead, Judge(repaired).Errors.Length));
        AssertSame(_directory.Judge(), Judge(repaired));
    }

    [Fact]
    public void Warnings_move_with_their_documents()
    {
        const string text = "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: p}\nspec: {action: DENY}\n";
        _directory.Write("a.yaml", text);
        var loader = _directory.Loader();
        loader.Load(readEverything: false);
        _directory.Write("a.yaml", "\n---\n" + text);

        // The empty line and the dashes are part of the document now: it is read again, and yet another above it is not.
        loader.Load(readEverything: false);
        _directory.Write("a.yaml", Documents(1) + "\n---\n" + text);
        var moved = loader.Load(readEverything: false);

        Assert.Equal("a.yaml:14:7: spec.rules: is missing, so the policy never matches; write rules, or [{}] for every connection", Assert.Single(Judge(moved).Warnings).ToString());
    }

    private static ResourceSet Judge(ResourceLoad load) => ResourceJudge.Judge(load, ResourceDirectory.Workload);

    private static IEnumerable<object> Values(ResourceLoad load) =>
        load.Files.SelectMany(file => file.Parts).SelectMany(part => part.Resources).Select(resource => resource.Value);

    /// <summary>Eight lines each, the dashes included.</summary>
    private static string Documents(int count, int from = 0) => string.Concat(Enumerable.Range(from, count).Select(number => string.Create(
        CultureInfo.InvariantCulture,
        $$$"""
        ---
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: p{{{number}}}}
        spec:
          rules:
          - from: [{source: {ipBlocks: [1.2.3.{{{number}}}]}}]
            to: [{operation: {ports: [80]}}]

        """)));

    /// <summary>Every line that is remembered, beside what a fresh reading says.</summary>
    private static void AssertSame(ResourceSet expected, ResourceSet actual)
    {
        Assert.Equal(Lines(expected), Lines(actual));
        Assert.NotEmpty(Lines(actual));

        static IEnumerable<(string, int, int, string)> Lines(ResourceSet set) =>
            from policy in set.AuthorizationPolicies
            from rule in policy.Rules
            from clause in rule.Clauses
            from match in clause.Matches
            select (policy.Origin.ToString(), rule.Line, match.Line, policy.Origin.Id);
    }

    private sealed class Later(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }
}
