using L4Proxy.Configuration.Binding;

namespace L4Proxy.Resources.Traffic;

/// <summary>The name by which a rule or route calls a service.</summary>
internal static class ServiceName
{
    /// <summary>Reads it and completes a short one.</summary>
    public static string Read(Section section, string key, string resourceNamespace)
    {
        var host = section.Required(key, "", "web.demo.svc.cluster.local", HostText.Pattern);
        var whole = host.Length == 0 ? host : HostText.Complete(host, resourceNamespace);
        if (whole != host)
        {
            section.Warn(key, Advice(host, whole));
        }
        return whole;
    }

    /// <summary>Istio too advises against short names: they mean another service when the resource moves to another namespace.</summary>
    public static string Advice(string host, string whole) =>
        $"'{host}' is short, and means '{whole}' because the resource stands in that namespace; write the whole name";
}
