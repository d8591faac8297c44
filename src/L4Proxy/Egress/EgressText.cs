using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace L4Proxy.Egress;

/// <summary>
/// The file of what was learned: ServiceEntry resources for people to look through. Its first line says who wrote it and has the digest of
/// all that follows, so that what a person has changed is never taken for ours.
/// </summary>
internal static partial class EgressText
{
    private const string Marker = "# Written by l4proxy (mesh.learnEgress), which replaces it while it runs; do not edit it here. sha256:";

    private const string Heading = """
        #
        # Destinations that this workload has called and that no service of mesh.resources covers, as the resources that would cover them. Look
        # through them, and copy those that are wanted to a file of mesh.resources: then outboundTrafficPolicy can be REGISTRY_ONLY.

        """;

    private const string TimeFormat = "yyyy-MM-ddTHH:mm:ssZ";

    /// <param name="seen">In any order.</param>
    /// <param name="notKept">Connections to destinations beyond those.</param>
    public static byte[] Write(IReadOnlyCollection<KeyValuePair<EgressDestination, Sightings>> seen, long notKept)
    {
        var body = new StringBuilder(Heading);
        if (notKept > 0)
        {
            body.Append(CultureInfo.InvariantCulture,
                $"#\n# Not all of them: {notKept} connection(s) went to destinations beyond the {EgressRecorder.MaxDestinations} that are kept.\n");
        }
        foreach (var (destination, sightings) in seen.Where(each => each.Key.Host is not null)
            .OrderBy(each => each.Key.Host, StringComparer.Ordinal).ThenBy(each => each.Key.Port))
        {
            AppendNamed(body, destination, sightings);
        }
        foreach (var port in seen.Where(each => each.Key.Host is null).GroupBy(each => each.Key.Port).OrderBy(group => group.Key))
        {
            AppendAddresses(body, port);
        }
        var bytes = Encoding.UTF8.GetBytes(body.ToString());
        return [.. Encoding.UTF8.GetBytes($"{Marker}{Digest(bytes)}\n"), .. bytes];
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <returns>Null: it is not that, or was changed since.</returns>
    public static ImmutableArray<KeyValuePair<EgressDestination, Sightings>>? Read(ReadOnlySpan<byte> file)
    {
        var line = file.IndexOf((byte)'\n');
        if (line < 0 || !Encoding.UTF8.GetString(file[..line]).Equals($"{Marker}{Digest(file[(line + 1)..])}", StringComparison.Ordinal))
        {
            return null;
        }
        return
        [
            .. from match in Seen().Matches(Encoding.UTF8.GetString(file[(line + 1)..]))
               let name = match.Groups["name"].Value
               let address = IPAddress.TryParse(name, out var parsed) ? parsed : null
               let port = int.Parse(match.Groups["port"].ValueSpan, CultureInfo.InvariantCulture)
               select KeyValuePair.Create(
                   new EgressDestination(address is null ? name : null, address, port),
                   new Sightings(Seconds(match.Groups["first"].Value), Seconds(match.Groups["last"].Value),
                       long.Parse(match.Groups["count"].ValueSpan, CultureInfo.InvariantCulture))),
        ];
    }

    private static void AppendNamed(StringBuilder body, EgressDestination destination, Sightings sightings)
    {
        body.Append("---\n");
        AppendSeen(body, destination.Host!, destination.Port, sightings);
        AppendBegin(body, NameOf(destination), destination.Host!);
        body.Append(CultureInfo.InvariantCulture, $"""
              resolution: DNS
              ports:
              - number: {destination.Port}
                name: tls
                protocol: TLS

            """);
    }

    private static void AppendAddresses(StringBuilder body, IGrouping<int, KeyValuePair<EgressDestination, Sightings>> port)
    {
        body.Append("---\n");
        // A service needs a name; nobody looks this one up where there is no resolution (RFC 6761 §6.4).
        AppendBegin(body, string.Create(CultureInfo.InvariantCulture, $"tcp-{port.Key}"),
            string.Create(CultureInfo.InvariantCulture, $"tcp-{port.Key}.egress.invalid"));
        body.Append("  addresses:\n");
        foreach (var (destination, sightings) in port.OrderBy(each => each.Key.Address!.AddressFamily)
            .ThenBy(each => Convert.ToHexString(each.Key.Address!.GetAddressBytes()), StringComparer.Ordinal))
        {
            body.Append("  ");
            AppendSeen(body, destination.Address!.ToString(), destination.Port, sightings);
            body.Append(CultureInfo.InvariantCulture, $"  - \"{destination.Address}\"\n");
        }
        body.Append(CultureInfo.InvariantCulture, $"""
              resolution: NONE
              ports:
              - number: {port.Key}
                name: tcp
                protocol: TCP

            """);
    }

    private static void AppendBegin(StringBuilder body, string name, string host) => body.Append(CultureInfo.InvariantCulture, $"""
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata:
          name: "{name}"
        spec:
          hosts: ["{host}"]
          location: MESH_EXTERNAL

        """);

    private static void AppendSeen(StringBuilder body, string name, int port, Sightings sightings) => body.Append(CultureInfo.InvariantCulture,
        $"# {name} port {port}: {sightings.Count} connection(s), first {Time(sightings.First)}, last {Time(sightings.Last)}\n");

    /// <summary>Unique, and a name that Kubernetes takes: at most 253 characters.</summary>
    private static string NameOf(EgressDestination destination)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"tls-{destination.Port}-{destination.Host}");
        return name.Length <= 253 ? name
            : string.Create(CultureInfo.InvariantCulture, $"tls-{destination.Port}-{Digest(Encoding.UTF8.GetBytes(destination.Host!))}");
    }

    private static string Digest(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static string Time(long seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds).ToString(TimeFormat, CultureInfo.InvariantCulture);

    private static long Seconds(string time) => DateTimeOffset.ParseExact(
        time, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).ToUnixTimeSeconds();

    [GeneratedRegex(@"^ *# (?<name>[^ \n]+) port (?<port>\d+): (?<count>\d+) connection\(s\), first (?<first>[^ \n]+), last (?<last>[^ \n]+)$",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Seen();
}
