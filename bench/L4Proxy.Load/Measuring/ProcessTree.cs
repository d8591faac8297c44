using System.Globalization;

namespace L4Proxy.Load.Measuring;

/// <summary>A process and its descendants: nginx has a master and a worker, and both belong to the bill.</summary>
internal static class ProcessTree
{
    internal static IReadOnlyList<int> Of(int processId)
    {
        List<int> found = [processId];
        for (var i = 0; i < found.Count; i++)
        {
            var tasks = $"/proc/{found[i]}/task";
            if (Directory.Exists(tasks))
            {
                found.AddRange(Directory.GetDirectories(tasks).SelectMany(task => Children(File.ReadAllText($"{task}/children"))));
            }
        }
        return found;
    }

    internal static IEnumerable<int> Children(string text) =>
        text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, CultureInfo.InvariantCulture));
}
