using System.CommandLine;
using L4Proxy.Pki;

namespace L4Proxy.Commands;

/// <summary><c>l4proxy pki</c>: certificates for those who have no mesh that issues them.</summary>
internal static class PkiCommand
{
    private const int Done = 0, Failed = 1, WrongUsage = 2;

    public static Command Create() => new("pki", "Certificates for development, demo and tests; never for production.\n"
        + "Example: l4proxy pki dev --out certs --workload demo/shop") { Dev() };

    private static Command Dev()
    {
        var options = new PkiCommandOptions();
        var command = new Command("dev", """
            A certificate authority of your own in a directory: root, intermediate, and for each workload a certificate with its SPIFFE ID,
            its key and the trust bundle. Run again it keeps root and intermediate and issues the certificates anew; a proxy that reads them
            meanwhile never sees half a set. Who can read root.key or intermediate.key can be anybody in this trust domain.

            Examples:
              l4proxy pki dev --out certs --workload demo/shop --workload demo/web      begin
              l4proxy pki dev --out certs                                               rotate every workload's certificate
              l4proxy pki dev --out certs --new-root                                    rotate the root: 1. trust both
              l4proxy pki dev --out certs                                                                2. issue from the new one
              l4proxy pki dev --out certs --drop-old-roots                                               3. trust the new one
              l4proxy pki dev --out certs --revoke demo/web                             put web's present certificate on the CRL

            Exit code: 0 done, 1 failed and said why, 2 wrong usage.
            """);
        options.AddTo(command);
        command.SetAction(parsed => Run(options, parsed));
        return command;
    }

    private static int Run(PkiCommandOptions options, ParseResult parsed)
    {
        var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        if (options.Read(parsed, out var errors) is not { } request)
        {
            errors.ForEach(error.WriteLine);
            return WrongUsage;
        }
        try
        {
            DevelopmentPki.Run(request, TimeProvider.System.GetUtcNow(), output);
            return Done;
        }
        catch (Exception failure) when (failure is PkiException or IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"l4proxy pki dev: {failure.Message}");
            return Failed;
        }
    }
}
