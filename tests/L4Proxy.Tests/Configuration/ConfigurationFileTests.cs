using L4Proxy.Configuration;

namespace L4Proxy.Tests.Configuration;

public sealed class ConfigurationFileTests
{
    [Fact]
    public void A_missing_file_is_one_error() => Assert.Equal(
        "/nowhere/l4proxy.yaml: does not exist; name an existing file", Assert.Single(Load("/nowhere/l4proxy.yaml")));

    [Fact]
    public void A_directory_is_one_error() => Assert.Equal("/tmp: is a directory; name the file in it", Assert.Single(Load("/tmp")));

    // Write-only in procfs, even for root.
    [Fact]
    public void A_file_that_may_not_be_read_is_one_error() => Assert.Equal(
        $"/proc/sys/net/ipv4/route/flush: cannot be read by user {Environment.UserName}: permission denied; make it readable for the user the proxy runs as",
        Assert.Single(Load("/proc/sys/net/ipv4/route/flush")));

    [Fact]
    public void A_file_that_breaks_while_it_is_read_is_one_error() => Assert.StartsWith(
        "/proc/self/mem: cannot be read: ", Assert.Single(Load("/proc/self/mem")), StringComparison.Ordinal);

    [Fact]
    public void A_file_without_end_is_refused() => Assert.Equal(
        "/dev/zero: is larger than 1 MiB; a configuration is a few KiB, so this is probably another file", Assert.Single(Load("/dev/zero")));

    [Fact]
    public void One_MiB_is_read_and_one_byte_more_is_not()
    {
        var text = "capture: {inbound: 15006}\n#".PadRight(1024 * 1024, 'x');

        Assert.Empty(Yaml.ErrorsOfFile(Yaml.Utf8(text)));
        Assert.Equal(["FILE: is larger than 1 MiB; a configuration is a few KiB, so this is probably another file"], Yaml.ErrorsOfFile(Yaml.Utf8(text + "x")));
    }

    [Fact]
    public void Bytes_that_are_not_utf8_are_refused_at_their_place() => Assert.Equal(
        ["FILE:2:14: byte 0xE9 is not UTF-8; save the file as UTF-8"],
        Yaml.ErrorsOfFile([.. Yaml.Utf8("capture: {inbound: 15006}\n# na\u00efve caf\u00e9 "), 0xE9, (byte)'\n']));

    [Fact]
    public void A_byte_order_mark_does_not_move_the_columns() => Assert.Equal(
        ["FILE:1:1: captur: unknown key; did you mean 'capture'?", "FILE:2:10: nothing to do: neither capture nor forward makes the proxy listen; add 'capture: {outbound: 15001, inbound: 15006}' or an entry under 'forward'"],
        Yaml.ErrorsOfFile([0xEF, 0xBB, 0xBF, .. Yaml.Utf8("captur: {}\nforward: []\n")]));

    [Fact]
    public void No_mutation_of_a_good_file_makes_the_loader_throw()
    {
        var random = new Random(20_251);
        var alphabet = "{}[]:-\"'\n\t &*!|>#%@`$,?~a1.\u00e9";
        for (var round = 0; round < 1_000; round++)
        {
            var text = ConfigurationLoaderTests.Example.ToCharArray().ToList();
            for (var edits = random.Next(1, 6); edits > 0; edits--)
            {
                var at = random.Next(text.Count);
                switch (random.Next(3))
                {
                    case 0:
                        text[at] = alphabet[random.Next(alphabet.Length)];
                        break;
                    case 1:
                        text.Insert(at, alphabet[random.Next(alphabet.Length)]);
                        break;
                    default:
                        text.RemoveRange(at, Math.Min(random.Next(1, 30), text.Count - at));
                        break;
                }
            }
            var result = Yaml.Load(string.Concat(text));
            Assert.True(result.Options is null == result.Errors.Count > 0);
        }
    }

    private static IEnumerable<string> Load(string path) => ConfigurationLoader.Load(path, _ => null).Errors.Select(error => error.ToString());
}
