using System.Net;

namespace L4Proxy.Load.Contenders;

/// <summary>A proxy that can be started in front of the load server.</summary>
internal interface IContender
{
    string Name { get; }

    /// <summary>One line for the report: which settings matter here.</summary>
    string Settings { get; }

    /// <summary>The command that tells the version, or what is missing.</summary>
    Launch VersionCommand { get; }

    /// <summary>Writes what it needs into the site's directory and says how to start it in the foreground.</summary>
    Launch Prepare(Site site);
}

/// <summary>Where one contender runs.</summary>
/// <param name="Directory">Its own directory: configuration, log, pid file.</param>
/// <param name="Listen">Where it accepts.</param>
/// <param name="Upstream">Where it dials.</param>
/// <param name="SparePorts">Three free ports for its own endpoints.</param>
internal sealed record Site(string Directory, IPEndPoint Listen, IPEndPoint Upstream, IReadOnlyList<int> SparePorts)
{
    internal string Write(string name, string text)
    {
        var path = Path.Combine(Directory, name);
        File.WriteAllText(path, text);
        return path;
    }
}

/// <summary>A command line.</summary>
internal sealed record Launch(string FileName, IReadOnlyList<string> Arguments);
