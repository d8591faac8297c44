using System.Text;
using L4Proxy.Configuration;

namespace L4Proxy.Tests.Configuration;

/// <summary>Loads configuration text as if it were the file <c>t.yaml</c>, with 20 000 open files and no environment unless told.</summary>
internal static class Yaml
{
    public const long OpenFiles = 20_000;

    public static ConfigurationResult Load(string text, params (string Name, string Value)[] environment) =>
        ConfigurationLoader.Parse(
            new ConfigurationFile("t.yaml", text, "fingerprint", Error: null),
            name => environment.Where(variable => variable.Name == name).Select(variable => variable.Value).FirstOrDefault(),
            OpenFiles,
            _ => false);

    /// <summary>Loads it beside these files and no others.</summary>
    public static ConfigurationResult LoadBeside(string text, params string[] files) => ConfigurationLoader.Parse(
        new ConfigurationFile("t.yaml", text, "fingerprint", Error: null), _ => null, OpenFiles, path => files.Contains(path, StringComparer.Ordinal));

    public static ProxyOptions Options(string text, params (string Name, string Value)[] environment)
    {
        var result = Load(text, environment);
        Assert.Empty(result.Errors);
        return result.Options!;
    }

    public static string[] Errors(string text)
    {
        var result = Load(text);
        Assert.Null(result.Options);
        return [.. result.Errors.Select(error => error.ToString())];
    }

    /// <summary>Writes bytes to a file of their own and loads it; the error texts say FILE for its name.</summary>
    public static string[] ErrorsOfFile(byte[] content)
    {
        using var directory = new TemporaryDirectory();
        var path = directory.File("l4proxy.yaml");
        File.WriteAllBytes(path, content);
        return [.. ConfigurationLoader.Load(path, _ => null).Errors.Select(error => error.ToString().Replace(path, "FILE", StringComparison.Ordinal))];
    }

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
