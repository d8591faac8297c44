using L4Proxy.Configuration.Binding;
using L4Proxy.Configuration.Yaml;

namespace L4Proxy.Configuration;

/// <summary>The one way from a file to <see cref="ProxyOptions"/>: <c>check</c>, <c>run</c> and every reload go through here.</summary>
internal static class ConfigurationLoader
{
    /// <param name="environment">Looks up a variable for <c>${VAR}</c>; null = unset.</param>
    public static ConfigurationResult Load(string path, Func<string, string?> environment) =>
        Parse(ConfigurationFile.Read(path), environment, OpenFilesLimit.Read(), File.Exists);

    /// <param name="openFiles">RLIMIT_NOFILE, which bounds <c>limits.maxConnections</c>.</param>
    /// <param name="fileExists">Whether there is a file at a path: what identity.source defaults to depends on it.</param>
    public static ConfigurationResult Parse(
        ConfigurationFile file, Func<string, string?> environment, long openFiles, Func<string, bool> fileExists)
    {
        if (file.Text is null)
        {
            return new ConfigurationResult(Options: null, [file.Error!], file.Fingerprint);
        }
        var errors = new ErrorList(file.Path);
        ProxyOptions? options = null;
        if (YamlReader.Read(file.Text, errors) is { } root)
        {
            var document = new ConfigurationDocument(errors, environment);
            options = TlsDefaults.Fill(OptionsBinder.Bind(root, document), document, fileExists);
            ConfigurationRules.Check(options, document, openFiles);
        }
        return new ConfigurationResult(errors.Count == 0 ? options : null, errors.Sorted(), file.Fingerprint);
    }

    /// <summary>Checks options that no file says in one piece: what a reload makes of the running and the new ones.</summary>
    public static IReadOnlyList<ConfigurationError> Check(ProxyOptions options, string path, long openFiles)
    {
        var errors = new ErrorList(path);
        ConfigurationRules.Check(options, new ConfigurationDocument(errors, _ => null), openFiles);
        return errors.Sorted();
    }
}
