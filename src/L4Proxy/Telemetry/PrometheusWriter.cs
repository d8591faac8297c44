using System.Buffers;
using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace L4Proxy.Telemetry;

/// <summary>
/// Reads the observable instruments of one meter (and of further meters by name) and writes them as Prometheus text 0.0.4 or as
/// OpenMetrics 1.0. The only file that knows either format. Safe to call from several threads: scrapes take turns.
/// </summary>
/// <remarks>
/// Families are written by name, series in the order their callback gives them. Sample lines are the same in both formats, because
/// a counter's samples always end in <c>_total</c>; only the lines above them differ. A callback that throws loses the rest of its
/// own family and adds one to <c>l4proxy_scrape_errors_total</c>; the other families are whole.
/// </remarks>
internal sealed class PrometheusWriter : IDisposable
{
    public const string TextContentType = "text/plain; version=0.0.4; charset=utf-8";
    public const string OpenMetricsContentType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    private static readonly SearchValues<char> _escaped = SearchValues.Create("\\\"\n");
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, Family> _families = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();
    private byte[] _samples = [];
    private int _length;
    private long _errors;

    /// <param name="instruments">Our own, all observable.</param>
    /// <param name="otherMeters">Names of meters to list as well, such as <c>System.Runtime</c>. Of these, what is not observable
    /// is left out.</param>
    public PrometheusWriter(Instruments instruments, params IEnumerable<string> otherMeters)
    {
        var others = otherMeters.ToFrozenSet(StringComparer.Ordinal);
        instruments.AddCounter("l4proxy_scrape_errors_total", null, "Metrics that could not be read for a scrape.",
            () => Interlocked.Read(ref _errors));
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if ((ReferenceEquals(instrument.Meter, instruments.Meter) || others.Contains(instrument.Meter.Name))
                && Register(instrument) is { } family)
            {
                listener.EnableMeasurementEvents(instrument, family);
            }
        };
        _listener.MeasurementsCompleted = (_, state) => Forget((Family)state!);
        _listener.SetMeasurementEventCallback<int>((_, value, tags, state) => Sample((Family)state!, value, tags));
        _listener.SetMeasurementEventCallback<long>((_, value, tags, state) => Sample((Family)state!, value, tags));
        _listener.SetMeasurementEventCallback<double>((_, value, tags, state) => Sample((Family)state!, value, tags));
        _listener.Start();
    }

    /// <summary>Reads every instrument now and appends one whole exposition to <paramref name="output"/>.</summary>
    public void Write(IBufferWriter<byte> output, bool openMetrics)
    {
        lock (_gate)
        {
            Observe();
            foreach (var family in _families.Values.Where(family => family.Length > 0))
            {
                Append(output, openMetrics ? family.OpenMetricsHeader : family.TextHeader);
                Append(output, _samples.AsSpan(family.Start, family.Length));
            }
            if (openMetrics)
            {
                Append(output, "# EOF\n"u8);
            }
            ArrayPool<byte>.Shared.Return(_samples);
            _samples = [];
        }
    }

    public void Dispose() => _listener.Dispose();

    // Asks for the size it needs: Kestrel's response answers "any size" with none at all when its buffers come from the shared pool.
    private static void Append(IBufferWriter<byte> output, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(output.GetSpan(bytes.Length));
        output.Advance(bytes.Length);
    }

    // Instruments are asked one after the other, so the samples of a family lie together in the one buffer.
    private void Observe()
    {
        _length = 0;
        foreach (var family in _families.Values)
        {
            family.Length = 0;
        }
        try
        {
            _listener.RecordObservableInstruments();
        }
        catch (AggregateException failed)
        {
            Interlocked.Add(ref _errors, failed.InnerExceptions.Count);
        }
    }

    private void Sample<T>(Family family, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        where T : IUtf8SpanFormattable
    {
        if (family.Length == 0)
        {
            family.Start = _length;
        }
        Reserve(family.SampleName.Length);
        Advance(family.SampleName);
        var separator = (byte)'{';
        foreach (var (name, tag) in tags)
        {
            var text = tag as string ?? Convert.ToString(tag, CultureInfo.InvariantCulture) ?? "";
            // A char is at most 3 bytes of UTF-8, or 2 when escaped.
            Reserve(name.Length + (3 * text.Length) + 5);
            _samples[_length++] = separator;
            Ascii(name);
            Advance("=\""u8);
            Escaped(text);
            Advance("\""u8);
            separator = (byte)',';
        }
        // The longest double has 24 characters.
        Reserve(40);
        Advance(tags.IsEmpty ? " "u8 : "} "u8);
        if (value is double number && !double.IsFinite(number))
        {
            Advance(double.IsNaN(number) ? "NaN"u8 : number > 0 ? "+Inf"u8 : "-Inf"u8);
        }
        else
        {
            value.TryFormat(_samples.AsSpan(_length), out var written, default, CultureInfo.InvariantCulture);
            _length += written;
        }
        Advance("\n"u8);
        family.Length = _length - family.Start;
    }

    private void Escaped(string text)
    {
        var rest = text.AsSpan();
        while (rest.IndexOfAny(_escaped) is var at and >= 0)
        {
            _length += Encoding.UTF8.GetBytes(rest[..at], _samples.AsSpan(_length));
            Advance(rest[at] switch { '\n' => "\\n"u8, '"' => "\\\""u8, _ => "\\\\"u8 });
            rest = rest[(at + 1)..];
        }
        _length += Encoding.UTF8.GetBytes(rest, _samples.AsSpan(_length));
    }

    private void Ascii(string name)
    {
        foreach (var letter in name)
        {
            _samples[_length++] = (byte)(char.IsAsciiLetterOrDigit(letter) ? letter : '_');
        }
    }

    private void Reserve(int bytes)
    {
        if (_samples.Length - _length < bytes)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(16 * 1024, 2 * (_length + bytes)));
            _samples.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_samples);
            _samples = larger;
        }
    }

    private void Advance(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_samples.AsSpan(_length));
        _length += bytes.Length;
    }

    private Family? Register(Instrument instrument)
    {
        if (!instrument.IsObservable)
        {
            return null;
        }
        var family = new Family(instrument);
        lock (_gate)
        {
            // Two instruments of one name would be one family with its lines twice, which a scraper refuses as a whole.
            return _families.TryAdd(family.Name, family) ? family : null;
        }
    }

    private void Forget(Family family)
    {
        lock (_gate)
        {
            _families.Remove(family.Name);
        }
    }

    private sealed class Family
    {
        public Family(Instrument instrument)
        {
            var isCounter = instrument.GetType().GetGenericTypeDefinition() == typeof(ObservableCounter<>);
            var unit = instrument.Unit switch { "By" => "bytes", "s" => "seconds", _ => "" };
            var name = string.Concat(instrument.Name.Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '_'));
            if (isCounter && name.EndsWith("_total", StringComparison.Ordinal))
            {
                name = name[..^"_total".Length];
            }
            // OpenMetrics: the unit is the end of the family's name.
            Name = unit.Length == 0 || name.EndsWith("_" + unit, StringComparison.Ordinal) ? name : $"{name}_{unit}";
            var sampleName = isCounter ? Name + "_total" : Name;
            var type = isCounter ? "counter" : "gauge";
            var help = (instrument.Description ?? "").Replace("\\", "\\\\", StringComparison.Ordinal)
                .Replace("\n", "\\n", StringComparison.Ordinal);
            SampleName = Encoding.UTF8.GetBytes(sampleName);
            TextHeader = Encoding.UTF8.GetBytes($"# HELP {sampleName} {help}\n# TYPE {sampleName} {type}\n");
            OpenMetricsHeader = Encoding.UTF8.GetBytes($"# TYPE {Name} {type}\n" + (unit.Length == 0 ? "" : $"# UNIT {Name} {unit}\n")
                + $"# HELP {Name} {help.Replace("\"", "\\\"", StringComparison.Ordinal)}\n");
        }

        public string Name { get; }
        public byte[] SampleName { get; }
        public byte[] TextHeader { get; }
        public byte[] OpenMetricsHeader { get; }
        public int Start { get; set; }
        public int Length { get; set; }
    }
}
