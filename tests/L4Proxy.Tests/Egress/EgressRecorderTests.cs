using System.Collections.Immutable;
using System.Net;
using L4Proxy.Core.Resources;
using L4Proxy.Core.Routing;
using L4Proxy.Egress;
using L4Proxy.Resources;
using L4Proxy.Tests.Configuration;

namespace L4Proxy.Tests.Egress;

public sealed class EgressRecorderTests : IDisposable
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(5);

    private readonly TemporaryDirectory _directory = new();
    private readonly ManualTime _time = new();
    private readonly RecordingLogger<EgressRecorder> _log = new();

    private string Path => _directory.File("learned.yaml");

    private string Text => File.ReadAllText(Path);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void What_was_called_is_written_as_resources_with_when_and_how_often()
    {
        using (var recorder = Open())
        {
            Saw(recorder, "203.0.113.5:443", "API.example.com");
            _time.Advance(TimeSpan.FromSeconds(61));
            Saw(recorder, "203.0.113.6:443", "api.example.com");
            Saw(recorder, "[2001:db8::5]:5432");
            Saw(recorder, "192.0.2.200:5432");
            Saw(recorder, "[::ffff:192.0.2.10]:5432");
        }

        Assert.Equal("""
            #
            # Destinations that this workload has called and that no service of mesh.resources covers, as the resources that would cover them. Look
            # through them, and copy those that are wanted to a file of mesh.resources: then outboundTrafficPolicy can be REGISTRY_ONLY.
            ---
            # api.example.com port 443: 2 connection(s), first 2026-01-01T00:00:00Z, last 2026-01-01T00:01:01Z
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata:
              name: "tls-443-api.example.com"
            spec:
              hosts: ["api.example.com"]
              location: MESH_EXTERNAL
              resolution: DNS
              ports:
              - number: 443
                name: tls
                protocol: TLS
            ---
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata:
              name: "tcp-5432"
            spec:
              hosts: ["tcp-5432.egress.invalid"]
              location: MESH_EXTERNAL
              addresses:
              # 192.0.2.10 port 5432: 1 connection(s), first 2026-01-01T00:01:01Z, last 2026-01-01T00:01:01Z
              - "192.0.2.10"
              # 192.0.2.200 port 5432: 1 connection(s), first 2026-01-01T00:01:01Z, last 2026-01-01T00:01:01Z
              - "192.0.2.200"
              # 2001:db8::5 port 5432: 1 connection(s), first 2026-01-01T00:01:01Z, last 2026-01-01T00:01:01Z
              - "2001:db8::5"
              resolution: NONE
              ports:
              - number: 5432
                name: tcp
                protocol: TCP

            """, Text[(Text.IndexOf('\n', StringComparison.Ordinal) + 1)..]);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, File.GetUnixFileMode(Path));
        Assert.Single(Directory.GetFiles(System.IO.Path.GetDirectoryName(Path)!));
    }

    [Fact]
    public void What_was_written_loads_as_resources_that_cover_what_was_called()
    {
        using (var recorder = Open())
        {
            Saw(recorder, "203.0.113.5:443", "api.example.com");
            Saw(recorder, "203.0.113.5:8443", "api.example.com");
            Saw(recorder, "203.0.113.5:443", string.Join('.', Enumerable.Repeat("abcdefghi", 25)) + ".net");
            Saw(recorder, "192.0.2.10:443");
            Saw(recorder, "[2001:db8::5]:80");
        }
        var workload = new LocalWorkload("demo", ImmutableSortedDictionary<string, string>.Empty, "istio-system", ["cluster.local"]);

        var set = ResourceJudge.Judge(new ResourceLoader(Path, workload, TimeProvider.System).Load(readEverything: true), workload);

        Assert.Empty(set.Errors);
        Assert.Empty(set.Warnings);
        Assert.Equal(
            "443 Dns True, 443 Dns True, 443 None False, 80 None False, 8443 Dns True",
            string.Join(", ", set.Services.Select(service => $"{service.Ports[0].Number} {service.Resolution} {service.Ports[0].IsTls}")
                .Order(StringComparer.Ordinal)));
        Assert.Contains(set.Services, service => service.Resolution == Resolution.None && service.Addresses[0].Contains(IPAddress.Parse("192.0.2.10")));
    }

    [Fact]
    public void A_restart_goes_on_from_what_is_in_the_file()
    {
        using (var before = Open())
        {
            Saw(before, "203.0.113.5:443", "api.example.com");
            Saw(before, "192.0.2.10:5432");
            Saw(before, "[2001:db8::5]:5432");
        }
        _time.Advance(TimeSpan.FromHours(1));
        using (var after = Open())
        {
            Saw(after, "203.0.113.5:443", "api.example.com");
            Saw(after, "192.0.2.11:5432");
        }

        Assert.Contains("# api.example.com port 443: 2 connection(s), first 2026-01-01T00:00:00Z, last 2026-01-01T01:00:00Z\n", Text, StringComparison.Ordinal);
        Assert.Contains("# 192.0.2.10 port 5432: 1 connection(s), first 2026-01-01T00:00:00Z, last 2026-01-01T00:00:00Z\n", Text, StringComparison.Ordinal);
        Assert.Contains("# 192.0.2.11 port 5432: 1 ", Text, StringComparison.Ordinal);
        Assert.Contains("# 2001:db8::5 port 5432: 1 ", Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("apiVersion: networking.istio.io/v1\nkind: ServiceEntry\n")]
    [InlineData("edited")]
    public void A_file_that_somebody_else_has_written_is_refused_at_the_start_and_not_touched(string content)
    {
        if (content == "edited")
        {
            using (var recorder = Open())
            {
                Saw(recorder, "203.0.113.5:443", "api.example.com");
            }
            content = Text.Replace("api.example.com", "api.example.org", StringComparison.Ordinal);
        }
        File.WriteAllText(Path, content);

        var refused = Assert.Throws<IOException>(() => Open());

        Assert.StartsWith($"mesh.learnEgress: {Path}: is not as l4proxy wrote it", refused.Message, StringComparison.Ordinal);
        Assert.Equal(content, Text);
    }

    [Theory]
    [InlineData("no/such/directory/learned.yaml")]
    [InlineData(".")]
    public void A_path_that_cannot_be_written_is_refused_at_the_start(string path)
    {
        var refused = Assert.Throws<IOException>(() => EgressRecorder.Open(_directory.File(path), _time, _log));

        Assert.StartsWith($"mesh.learnEgress: {_directory.File(path)}: ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_person_edits_while_the_proxy_runs_is_left_alone_and_writing_goes_on_beside_it()
    {
        using var recorder = Open();
        File.AppendAllText(Path, "# mine\n");
        var edited = Text;
        Saw(recorder, "203.0.113.5:443", "api.example.com");
        _time.Advance(_interval);
        _time.Advance(_interval);

        Assert.Equal(edited, Text);
        Assert.StartsWith($"Warning what is learned about egress cannot be written to {Path}: somebody else has written it since", Assert.Single(_log.Lines), StringComparison.Ordinal);
        File.Move(Path, _directory.File("mine.yaml"));
        _time.Advance(_interval);

        Assert.Contains("api.example.com port 443", Text, StringComparison.Ordinal);
        Assert.Equal(edited, File.ReadAllText(_directory.File("mine.yaml")));
    }

    [Fact]
    public void The_file_is_written_every_five_seconds_and_only_when_there_is_something_new()
    {
        using var recorder = Open();
        Saw(recorder, "192.0.2.1:80");
        Saw(recorder, "192.0.2.1:80");
        _time.Advance(_interval - TimeSpan.FromTicks(1));
        Assert.DoesNotContain("192.0.2.1", Text, StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Contains("# 192.0.2.1 port 80: 2 ", Text, StringComparison.Ordinal);

        File.Delete(Path);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(File.Exists(Path));
        Saw(recorder, "192.0.2.1:80");
        _time.Advance(_interval);
        Assert.Contains("# 192.0.2.1 port 80: 3 ", Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("192.0.2.99")]
    [InlineData("a b.example.com")]
    [InlineData("\"]\nspec: {}\n#.example.com")]
    [InlineData("*.example.com")]
    [InlineData("-a.example.com")]
    [InlineData("example.com.")]
    [InlineData("outbound_.80_._.web.demo.svc.cluster.local")]
    [InlineData("schön.example.com")]
    [InlineData("")]
    public void A_server_name_that_is_no_host_is_not_written_and_the_address_is(string serverName)
    {
        using (var recorder = Open())
        {
            Saw(recorder, "192.0.2.1:443", serverName);
        }

        Assert.Contains("- \"192.0.2.1\"\n", Text, StringComparison.Ordinal);
        Assert.DoesNotContain("resolution: DNS", Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Beyond_ten_thousand_destinations_connections_are_only_counted_and_that_is_said_once()
    {
        using (var recorder = Open())
        {
            Parallel.For(0, EgressRecorder.MaxDestinations + 500, i =>
                recorder.Saw(new IPEndPoint(new IPAddress(new byte[] { 10, 0, (byte)(i >> 8), (byte)i }), 80), null));
        }

        Assert.Equal(EgressRecorder.MaxDestinations, Text.Split("  - \"").Length - 1);
        Assert.Contains("# Not all of them: 500 connection(s) went to destinations beyond the 10000 that are kept.\n", Text, StringComparison.Ordinal);
        Assert.Single(_log.Lines);
    }

    private EgressRecorder Open() => EgressRecorder.Open(Path, _time, _log);

    private static void Saw(EgressRecorder recorder, string destination, string? serverName = null) =>
        recorder.Saw(IPEndPoint.Parse(destination), serverName);
}
