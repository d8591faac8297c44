using System.CommandLine;
using System.Diagnostics;
using L4Proxy.Commands;
using L4Proxy.Tests.Identity;

namespace L4Proxy.Tests.Commands;

public sealed class CheckCommandTests
{
    [Fact]
    public void A_good_file_says_in_one_line_what_it_would_do()
    {
        var (code, output, error) = Check("""
            capture: {outbound: 15001, inbound: 15006}
            forward: [{listen: "127.0.0.1:8001", upstream: "127.0.0.1:9000"}]
            limits: {maxConnections: 5}
            transport: {eventLoops: 1}
            """);

        Assert.Equal((0, ""), (code, error));
        Assert.Matches(
            @"^FILE: outbound capture on 127\.0\.0\.1:15001, inbound capture \(redirect\) on \*:15006, forward to 127\.0\.0\.1:9000 on 127\.0\.0\.1:8001, "
            + @"metrics on \*:15020, metrics on \*:15090, health on \*:15021, admin on 127\.0\.0\.1:15000; "
            + @"no identity, so TLS passes as it is; at most 5 connections, as configured; \d+ would fit = \(\d+ open files - 232 in reserve - \d+ for pipes\) / 2 per connection\n$",
            output);
    }

    [Fact]
    public void A_bad_file_says_every_error_on_the_error_stream() => Assert.Equal(
        (1, "", "FILE:1:1: captur: unknown key; did you mean 'capture'?\nFILE:2:9: health: '0' is not a port; write a number from 1 to 65535\n"),
        Check("captur: {inbound: 1}\nhealth: 0\nforward: [{listen: \"127.0.0.1:1\", upstream: \"10.0.0.1:1\"}]\n"));

    [Fact]
    public void The_certificates_it_names_are_judged_as_run_would()
    {
        using var files = new IdentityDirectory(DateTimeOffset.UtcNow);
        var text = $"forward: [{{listen: \"127.0.0.1:1\", upstream: \"10.0.0.1:1\", tls: terminate}}]\nidentity: {{certificate: {files.File("cert-chain.pem")}, privateKey: {files.File("key.pem")}, trustBundle: {files.File("root-cert.pem")}}}\n";
        files.WriteGood();
        var good = Check(text);
        files.Write("key.pem", files.Intermediate.Issue().KeyPem);
        var bad = Check(text);

        Assert.Equal((0, ""), (good.Code, good.Error));
        Assert.Matches(@"\nFILE: identity spiffe://cluster\.local/ns/demo/sa/web, valid until \S+Z, 1 intermediate\(s\), 1 anchor\(s\), 0 revocation list\(s\)\n$", good.Output);
        Assert.Equal(1, bad.Code);
        Assert.Equal(
            $"FILE: identity.privateKey: {files.File("key.pem")} is not the key of any certificate in {files.File("cert-chain.pem")}; write both from the same issue (if they are being replaced now, this passes)\n",
            bad.Error);
    }

    [Theory]
    [InlineData("check --help", 0)]
    [InlineData("check --config /nowhere", 1)]
    [InlineData("check", 2)]
    [InlineData("check --confg x", 2)]
    public async Task The_exit_code_tells_failure_from_wrong_usage(string arguments, int expected)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", $"{Path.Combine(AppContext.BaseDirectory, "l4proxy.dll")} {arguments}")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync(), process.WaitForExitAsync());

        Assert.Equal(expected, process.ExitCode);
    }

    private static (int Code, string Output, string Error) Check(string text)
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, text);
            using StringWriter output = new(), error = new();
            var code = CommandTree.Create().Parse(["check", "--config", path]).Invoke(new InvocationConfiguration { Output = output, Error = error });
            return (code, output.ToString().Replace(path, "FILE", StringComparison.Ordinal), error.ToString().Replace(path, "FILE", StringComparison.Ordinal));
        }
        finally
        {
            File.Delete(path);
        }
    }
}
