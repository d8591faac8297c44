namespace L4Proxy.Configuration;

/// <summary>A file that was not taken over, and since when it stands there.</summary>
internal sealed record RefusedConfiguration(DateTimeOffset At, IReadOnlyList<ConfigurationError> Errors);

/// <summary>What runs and what became of the file since: one consistent snapshot for readiness, status and metrics.</summary>
/// <param name="Options">What the process really does: the last good file, with running values for keys that need a restart.</param>
/// <param name="Fingerprint">SHA-256 of the last good content, in hex.</param>
/// <param name="LoadedAt">When that content was taken over.</param>
/// <param name="PendingRestart">Keys of the last good file that count only after a restart.</param>
/// <param name="LastError">The content now on disk, if it was refused; null while the last good content is what is there.</param>
/// <param name="Applied">Files taken over since the start.</param>
/// <param name="Refused">Files refused since the start.</param>
internal sealed record ConfigurationState(
    ProxyOptions Options,
    string Fingerprint,
    DateTimeOffset LoadedAt,
    IReadOnlyList<ConfigurationChange> PendingRestart,
    RefusedConfiguration? LastError,
    long Applied,
    long Refused);

/// <summary>A good new file: what runs from now on, and every difference, including those that wait for a restart.</summary>
internal sealed record ConfigurationReload(ProxyOptions Options, IReadOnlyList<ConfigurationChange> Changes);
