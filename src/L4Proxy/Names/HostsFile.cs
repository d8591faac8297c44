using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Net;

namespace L4Proxy.Names;

/// <summary>What /etc/hosts says (hosts(5)): an address, then its names. It comes before DNS, as nearly every nsswitch.conf has it.</summary>
internal sealed class HostsFile
{
    private readonly FrozenDictionary<string, ImmutableArray<IPAddress>> _addresses;

    private HostsFile(FrozenDictionary<string, ImmutableArray<IPAddress>> addresses) => _addresses = addresses;

    /// <summary>Lines that cannot be read are passed over, as the C library does.</summary>
    public static HostsFile Parse(string text)
    {
        var addresses = new Dictionary<string, ImmutableArray<IPAddress>>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in text.Split('\n'))
        {
            var comment = line.IndexOf('#', StringComparison.Ordinal);
            var words = (comment < 0 ? line : line[..comment]).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || !IPAddress.TryParse(words[0], out var address))
            {
                continue;
            }
            foreach (var name in words.Skip(1))
            {
                var known = addresses.GetValueOrDefault(name, []);
                addresses[name] = known.Contains(address) ? known : known.Add(address);
            }
        }
        return new HostsFile(addresses.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase));
    }

    /// <returns>Empty: it says nothing about this name.</returns>
    public ImmutableArray<IPAddress> Find(string name) => _addresses.GetValueOrDefault(name.TrimEnd('.'), []);
}
