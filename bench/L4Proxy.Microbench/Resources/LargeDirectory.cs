using System.Globalization;
using System.Text;

namespace L4Proxy.Microbench.Resources;

/// <summary>10 000 ServiceEntries with 50 000 endpoints and 1 000 DestinationRules with two subsets each, as files, in the style that kubectl prints.</summary>
internal sealed class LargeDirectory : IDisposable
{
    public const int Services = 10_000;
    public const int EndpointsEach = 5;
    public const int Rules = 1_000;
    private const int Namespaces = 50;

    /// <param name="files">Over how many files they are spread.</param>
    public LargeDirectory(int files)
    {
        var texts = Enumerable.Range(0, files).Select(_ => new StringBuilder()).ToArray();
        for (var number = 0; number < Services; number++)
        {
            Service(texts[number % files], number, files == 1);
        }
        for (var number = 0; number < Rules; number++)
        {
            Rule(texts[number % files], number);
        }
        for (var file = 0; file < files; file++)
        {
            File.WriteAllText(PathOf(file), texts[file].ToString());
        }
    }

    public string Path { get; } = Directory.CreateTempSubdirectory("l4proxy-bench-").FullName;

    /// <summary>Gives the first endpoint of the first service of the first file another address.</summary>
    public void ChangeOneDocument(int turn)
    {
        var text = File.ReadAllText(PathOf(0));
        var start = text.IndexOf("address: 1", StringComparison.Ordinal) + "address: ".Length;
        var end = text.AsSpan(start).IndexOfAny(",\n") + start;
        File.WriteAllText(PathOf(0), string.Concat(text.AsSpan(0, start), string.Create(CultureInfo.InvariantCulture, $"192.0.2.{turn % 250 + 1}"), text.AsSpan(end)));
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private string PathOf(int file) => System.IO.Path.Combine(Path, string.Create(CultureInfo.InvariantCulture, $"mesh-{file:D3}.yaml"));

    // Flow style fits 8 MiB, the most that one file may have; block style needs a quarter more.
    private static void Service(StringBuilder text, int number, bool isFlow)
    {
        _ = isFlow ? text.Append(CultureInfo.InvariantCulture, $$"""
            ---
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: s{{number}}, namespace: ns-{{number % Namespaces}} }
            spec:
              hosts: [s{{number}}.ns-{{number % Namespaces}}.svc.cluster.local]
              addresses: [10.{{number >> 8}}.{{number & 255}}.1]
              location: MESH_INTERNAL
              resolution: STATIC
              ports: [{number: 80, name: tcp, protocol: TCP}]
              endpoints:

            """)
            : text.Append(CultureInfo.InvariantCulture, $"""
            ---
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata:
              name: s{number}
              namespace: ns-{number % Namespaces}
            spec:
              hosts:
              - s{number}.ns-{number % Namespaces}.svc.cluster.local
              addresses:
              - 10.{number >> 8}.{number & 255}.1
              location: MESH_INTERNAL
              resolution: STATIC
              ports:
              - number: 80
                name: tcp
                protocol: TCP
              endpoints:

            """);
        for (var endpoint = 0; endpoint < EndpointsEach; endpoint++)
        {
            var address = string.Create(CultureInfo.InvariantCulture, $"172.{16 + (number >> 12)}.{(number >> 4) & 255}.{(number & 15) * 16 + endpoint}");
            _ = isFlow
                ? text.Append(CultureInfo.InvariantCulture,
                    $"  - {{address: {address}, labels: {{app: s{number}, version: v{endpoint % 2}}}, locality: eu/z{endpoint % 3}, serviceAccount: s{number}}}\n")
                : text.Append(CultureInfo.InvariantCulture, $"""
                      - address: {address}
                        labels:
                          app: s{number}
                          version: v{endpoint % 2}
                        locality: eu/z{endpoint % 3}
                        serviceAccount: s{number}

                    """);
        }
    }

    private static void Rule(StringBuilder text, int number) => text.Append(CultureInfo.InvariantCulture, $"""
        ---
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata:
          name: s{number}
          namespace: ns-{number % Namespaces}
        spec:
          host: s{number}.ns-{number % Namespaces}.svc.cluster.local
          trafficPolicy:
            connectionPool:
              tcp:
                maxConnections: 1000
          subsets:
          - name: v0
            labels:
              version: v0
          - name: v1
            labels:
              version: v1

        """);
}
