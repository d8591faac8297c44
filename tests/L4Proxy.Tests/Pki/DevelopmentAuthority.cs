using System.CommandLine;
using L4Proxy.Commands;
using L4Proxy.Tests.Netns;

namespace L4Proxy.Tests.Pki;

/// <summary>A directory of <c>pki dev</c>, used as people use it, and OpenSSL to judge what is in it.</summary>
internal sealed class DevelopmentAuthority : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("l4p-pki-");

    public string Path => _directory.FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public string Text(string name) => System.IO.File.ReadAllText(File(name));

    /// <summary>Runs the verb with its further options.</summary>
    public (int Code, string Output, string Error) Run(string options)
    {
        using StringWriter output = new(), error = new();
        var code = CommandTree.Create().Parse($"pki dev --out {Path} {options}").Invoke(new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString().Replace(Path, "DIR", StringComparison.Ordinal), error.ToString().Replace(Path, "DIR", StringComparison.Ordinal));
    }

    public string MustRun(string options)
    {
        var (code, output, error) = Run(options);
        Assert.True(code == 0 && error.Length == 0, $"pki dev {options} ended with {code}: {error}");
        return output;
    }

    /// <summary>What OpenSSL thinks of a leaf, by the trust bundle of another workload and the intermediate the leaf's owner sends.</summary>
    public string Verify(string leafOf, string bundleOf, params string[] options)
    {
        var chain = File($"{leafOf}/cert-chain.pem");
        return CommandLine.Run(
            "", "openssl", ["verify", "-x509_strict", .. options, "-CAfile", File($"{bundleOf}/root-cert.pem"), "-untrusted", chain, chain]).All
            .Replace(Path, "DIR", StringComparison.Ordinal);
    }

    /// <summary>A certificate as OpenSSL reads it, without the colons and line ends that make it hard to compare.</summary>
    public string Describe(string certificate) => CommandLine.MustRun("", "openssl", "x509", "-in", File(certificate), "-noout", "-text");

    public void Dispose() => _directory.Delete(recursive: true);
}
