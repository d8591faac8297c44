namespace L4Proxy.Resources;

/// <summary>No resources are configured: everybody may call, and destinations are what they were.</summary>
internal sealed class NoMeshSource : IMeshSource
{
    public MeshModel Current => MeshModel.Empty;

    public void Start(Action<MeshModel, MeshModel> changed)
    {
        // Nothing will ever change.
    }

    public void Refresh()
    {
        // There is nothing to look at.
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
