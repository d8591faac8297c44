namespace L4Proxy.Resources;

/// <summary>What distinguishes one good load from the one before it, by the texts of documents.</summary>
internal sealed record ResourceChanges(int Added, int Changed, int Removed)
{
    /// <param name="before">Null: nothing was in force.</param>
    public static ResourceChanges Between(ResourceLoad? before, ResourceLoad after)
    {
        var old = before is null ? [] : ByName(before);
        int added = 0, changed = 0;
        foreach (var (name, hash) in ByName(after))
        {
            if (!old.Remove(name, out var last))
            {
                added++;
            }
            else if (last != hash)
            {
                changed++;
            }
        }
        return new ResourceChanges(added, changed, old.Count);
    }

    public override string ToString() => $"{Added} resources added, {Changed} changed, {Removed} removed";

    private static Dictionary<(Core.Resources.ResourceKind, string), ContentHash> ByName(ResourceLoad load) =>
        (from file in load.Files from part in file.Parts from resource in part.Resources select (resource.Origin, part.Hash))
        .ToDictionary(each => (each.Origin.Kind, each.Origin.Id), each => each.Hash);
}
