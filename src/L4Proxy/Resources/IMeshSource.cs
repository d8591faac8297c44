namespace L4Proxy.Resources;

/// <summary>Where policy, routes and services come from: files now, a control plane later.</summary>
internal interface IMeshSource : IAsyncDisposable
{
    /// <summary>What is in force; replaced whole, never null. Thread-safe.</summary>
    MeshModel Current { get; }

    /// <summary>Loads what is there and follows it from now on.</summary>
    /// <param name="changed">Called after every swap, the first included, with the model before and the one in force, one call at a time.</param>
    void Start(Action<MeshModel, MeshModel> changed);

    /// <summary>Looks again now, whatever was noticed. Comes back at once.</summary>
    void Refresh();
}
