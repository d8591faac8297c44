using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;

namespace L4Proxy.Core.Tests.Identity;

/// <summary>A PKI made by the openssl command, so that not everything judged here comes from the BCL that judges.</summary>
internal sealed class OpensslPki : IDisposable
{
    private const string Script = """
        set -e
        cat > ca.cnf <<'END'
        [ca]
        default_ca = this
        [this]
        database = $ENV::CA.index
        certificate = $ENV::CA.pem
        private_key = $ENV::CA.key
        default_md = sha384
        default_crl_days = 3
        crlnumber = $ENV::CA.number
        crl_extensions = list
        [list]
        authorityKeyIdentifier = keyid
        END
        cat > ca.ext <<'END'
        basicConstraints=critical,CA:TRUE,pathlen:0
        keyUsage=critical,keyCertSign,cRLSign
        subjectKeyIdentifier=hash
        authorityKeyIdentifier=keyid
        END
        leaf() { # NAME PURPOSES
          cat > $1.ext <<END
        basicConstraints=critical,CA:FALSE
        keyUsage=critical,digitalSignature,keyEncipherment
        extendedKeyUsage=$2
        subjectAltName=critical,URI:spiffe://cluster.local/ns/demo/sa/$1
        END
          openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $1.key -out $1.csr -subj /
          openssl x509 -req -in $1.csr -CA intermediate.pem -CAkey intermediate.key -set_serial $RANDOM$RANDOM -days 1 -extfile $1.ext -out $1.pem
        }
        list() { # CA
          touch $1.index; echo 01 > $1.number
          CA=$1 openssl ca -config ca.cnf -gencrl -out $1.crl
        }
        # As a person makes a root: without any key usage.
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -keyout root.key -out root.pem -subj /O=openssl/CN=root -days 10
        openssl req -new -newkey rsa:2048 -sha256 -sigopt rsa_padding_mode:pss -nodes -keyout intermediate.key -out intermediate.csr -subj /O=openssl/CN=intermediate
        openssl x509 -req -in intermediate.csr -CA root.pem -CAkey root.key -set_serial 77 -days 5 -sha512 -extfile ca.ext -out intermediate.pem
        leaf web serverAuth,clientAuth
        leaf shop serverAuth,clientAuth
        leaf any anyExtendedKeyUsage
        list root
        touch intermediate.index
        CA=intermediate openssl ca -config ca.cnf -revoke shop.pem -crl_reason keyCompromise
        list intermediate
        """;

    private readonly string _directory = Directory.CreateTempSubdirectory("l4proxy-openssl-").FullName;

    public OpensslPki()
    {
        var (code, output) = Run(Script);
        Assert.True(code == 0, output);
    }

    public X509Certificate2 Certificate(string name) => X509CertificateLoader.LoadCertificateFromFile(Path.Combine(_directory, name + ".pem"));

    public byte[] File(string name) => System.IO.File.ReadAllBytes(Path.Combine(_directory, name));

    /// <summary>Runs bash in the directory of the PKI.</summary>
    public (int Code, string Output) Run(string script)
    {
        using var process = Process.Start(new ProcessStartInfo("bash", ["-c", $"exec 2>&1\n{script}"])
        {
            WorkingDirectory = _directory,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
