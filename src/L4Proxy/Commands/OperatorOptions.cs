using System.CommandLine;
using System.Globalization;

namespace L4Proxy.Commands;

/// <summary>Options that several verbs of operators share.</summary>
internal static class OperatorOptions
{
    public static Option<int> AdminPort()
    {
        var port = new Option<int>("--admin-port")
        {
            HelpName = "PORT",
            Description = "The proxy's admin port on 127.0.0.1.",
            DefaultValueFactory = _ => 15000,
        };
        port.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && int.TryParse(text, CultureInfo.InvariantCulture, out var number)
                && number is < 1 or > 65535)
            {
                result.AddError($"--admin-port: {number} is not a port; give one from 1 to 65535");
            }
        });
        return port;
    }

    public static Option<bool> Json() => new("--json") { Description = "Prints one JSON object, for programs." };
}
