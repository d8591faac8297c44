using System.Diagnostics.Metrics;

namespace L4Proxy.Telemetry;

/// <summary>
/// The meter "L4Proxy" and every instrument on it. All of them are observable: the code that counts owns plain numbers, and they
/// are read when somebody asks, so that no byte moved pays for being counted.
/// </summary>
/// <remarks>
/// Names are the exposed ones (<c>l4proxy_bytes_total</c>), so that one word finds a metric in the code, on a dashboard and in the
/// README. Units are UCUM as elsewhere in .NET: <c>By</c>, <c>s</c>, or null for a plain number. Labels come from closed sets only.
/// </remarks>
internal sealed class Instruments : IDisposable
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    public Meter Meter { get; } = new("L4Proxy");

    /// <summary>Adds a number that only grows. The callback runs on the scraping thread, at every scrape.</summary>
    /// <exception cref="InvalidOperationException">The name is taken.</exception>
    public void AddCounter<T>(string name, string? unit, string help, Func<IEnumerable<Measurement<T>>> observe)
        where T : struct => Meter.CreateObservableCounter(Claim(name), observe, unit, help);

    /// <inheritdoc cref="AddCounter{T}(string, string?, string, Func{IEnumerable{Measurement{T}}})"/>
    public void AddCounter<T>(string name, string? unit, string help, Func<T> observe)
        where T : struct => Meter.CreateObservableCounter(Claim(name), observe, unit, help);

    /// <summary>Adds a number that goes up and down and may be summed over processes, such as what is open now.</summary>
    /// <exception cref="InvalidOperationException">The name is taken.</exception>
    public void AddUpDownCounter<T>(string name, string? unit, string help, Func<IEnumerable<Measurement<T>>> observe)
        where T : struct => Meter.CreateObservableUpDownCounter(Claim(name), observe, unit, help);

    /// <inheritdoc cref="AddUpDownCounter{T}(string, string?, string, Func{IEnumerable{Measurement{T}}})"/>
    public void AddUpDownCounter<T>(string name, string? unit, string help, Func<T> observe)
        where T : struct => Meter.CreateObservableUpDownCounter(Claim(name), observe, unit, help);

    /// <summary>Adds a state of this process that makes no sense as a sum, such as a limit or a yes/no.</summary>
    /// <exception cref="InvalidOperationException">The name is taken.</exception>
    public void AddGauge<T>(string name, string? unit, string help, Func<IEnumerable<Measurement<T>>> observe)
        where T : struct => Meter.CreateObservableGauge(Claim(name), observe, unit, help);

    /// <inheritdoc cref="AddGauge{T}(string, string?, string, Func{IEnumerable{Measurement{T}}})"/>
    public void AddGauge<T>(string name, string? unit, string help, Func<T> observe)
        where T : struct => Meter.CreateObservableGauge(Claim(name), observe, unit, help);

    public void Dispose() => Meter.Dispose();

    private string Claim(string name) =>
        _names.Add(name) ? name : throw new InvalidOperationException($"the metric {name} is registered twice");
}
