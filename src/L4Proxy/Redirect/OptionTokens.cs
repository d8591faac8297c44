using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace L4Proxy.Redirect;

/// <summary>Reads option values token by token and collects what is wrong with them.</summary>
internal sealed class OptionTokens
{
    private readonly List<string> _errors = [];

    public IReadOnlyList<string> Errors => _errors;

    public void Reject(string option, string whatIsWrong, string whatWouldDo) => _errors.Add($"{option}: {whatIsWrong}; {whatWouldDo}.");

    public T OneOf<T>(string option, string text, Dictionary<string, T> words)
        where T : struct
    {
        if (words.TryGetValue(text, out var value))
        {
            return value;
        }

        Reject(option, $"'{text}' is not known", $"use one of {string.Join(", ", words.Keys)}");
        return default;
    }

    /// <summary>A numeric uid or gid. Names are refused: resolving them may ask a directory service that hangs while the pod starts.</summary>
    public uint? Id(string option, string? text)
    {
        // 4294967295 is (uid_t)-1, "leave unchanged" to the kernel.
        if (text is null || (IsNumber(text) && uint.TryParse(text, CultureInfo.InvariantCulture, out var id) && id != uint.MaxValue))
        {
            return text is null ? null : uint.Parse(text, CultureInfo.InvariantCulture);
        }

        Reject(option, $"'{text}' is not a numeric id", "use a number from 0 to 4294967294");
        return null;
    }

    public int? Port(string option, string? text)
    {
        if (text is null)
        {
            return null;
        }

        if (TryPort(text, out var port))
        {
            return port;
        }

        Reject(option, $"'{text}' is not a port", "use a number from 1 to 65535");
        return null;
    }

    public PortSet Ports(string option, string text, bool allowAll)
    {
        if (text.Trim() == "*" && allowAll)
        {
            return PortSet.All;
        }

        var ranges = new List<PortRange>();
        foreach (var token in Split(text))
        {
            var dash = token.IndexOf('-', StringComparison.Ordinal);
            if (token == "*")
            {
                RejectStar(option, allowAll);
            }
            else if (dash < 0 && TryPort(token, out var port))
            {
                ranges.Add(new PortRange(port, port));
            }
            else if (dash > 0 && TryPort(token[..dash], out var first) && TryPort(token[(dash + 1)..], out var last))
            {
                if (first <= last)
                {
                    ranges.Add(new PortRange(first, last));
                }
                else
                {
                    Reject(option, $"range '{token}' ends before it begins", $"write {last}-{first}");
                }
            }
            else
            {
                Reject(option, $"'{token}' is not a port or a range", "use numbers from 1 to 65535, such as 80,8000-8100");
            }
        }

        return PortSet.Of(ranges);
    }

    public CidrSet Cidrs(string option, string text, bool allowAll)
    {
        if (text.Trim() == "*" && allowAll)
        {
            return CidrSet.All;
        }

        var networks = new List<IPNetwork>();
        foreach (var token in Split(text))
        {
            if (token == "*")
            {
                RejectStar(option, allowAll);
            }
            else if (TryNetwork(token, out var network))
            {
                networks.Add(network);
            }
            else
            {
                Reject(option, $"'{token}' is not an address or a network", "use forms such as 10.0.0.0/8, 192.0.2.7 or fd00::/8");
            }
        }

        return CidrSet.Of(networks);
    }

    public IReadOnlyList<string> Interfaces(string option, string text)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var token in Split(text))
        {
            // 15 = IFNAMSIZ - 1. The kernel allows more characters; a quote, a blank, '*' or '+' would mean something to the rule languages.
            var good = token.Length is > 0 and <= 15 && token[0] != '-' && token is not ("." or "..")
                && token.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '@' or '-');
            if (!good)
            {
                Reject(option, $"'{token}' is not an interface name", "use at most 15 of letters, digits and _ . @ -");
            }
            else if (token == "lo")
            {
                Reject(option, "'lo' is how the proxy reaches the application", "name another interface");
            }
            else
            {
                names.Add(token);
            }
        }

        return [.. names];
    }

    private void RejectStar(string option, bool allowAll)
    {
        if (allowAll)
        {
            Reject(option, "'*' stands with other values", "use '*' alone, or the list alone");
        }
        else
        {
            Reject(option, "'*' would exclude everything", "to capture nothing, set the matching --include option to an empty list");
        }
    }

    private static string[] Split(string text) => string.IsNullOrWhiteSpace(text) ? [] : text.Split(',', StringSplitOptions.TrimEntries);

    private static bool IsNumber(string text) => text.Length > 0 && text.All(char.IsAsciiDigit);

    private static bool TryPort(string text, out ushort port)
    {
        port = 0;
        return IsNumber(text) && ushort.TryParse(text, CultureInfo.InvariantCulture, out port) && port != 0;
    }

    private static bool TryNetwork(string text, out IPNetwork network)
    {
        network = default;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var addressText = slash < 0 ? text : text[..slash];

        // IPAddress.Parse reads "10" and "010.0.0.1" as the old C library did; only the dotted quad that reads back the same is meant.
        if (!IPAddress.TryParse(addressText, out var address) || addressText.Contains('%', StringComparison.Ordinal)
            || address.IsIPv4MappedToIPv6
            || (address.AddressFamily == AddressFamily.InterNetwork && !string.Equals(address.ToString(), addressText, StringComparison.Ordinal))
            || (address.AddressFamily == AddressFamily.InterNetworkV6 && addressText.Contains('[', StringComparison.Ordinal)))
        {
            return false;
        }

        var bytes = address.GetAddressBytes();
        var prefix = bytes.Length * 8;
        if (slash >= 0 && !(IsNumber(text[(slash + 1)..]) && int.TryParse(text[(slash + 1)..], CultureInfo.InvariantCulture, out prefix)))
        {
            return false;
        }

        if (prefix > bytes.Length * 8)
        {
            return false;
        }

        for (var bit = prefix; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }

        network = new IPNetwork(new IPAddress(bytes), prefix);
        return true;
    }
}
