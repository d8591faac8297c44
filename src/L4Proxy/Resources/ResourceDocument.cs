using System.Collections.Immutable;
using L4Proxy.Configuration.Binding;
using L4Proxy.Core.Resources;

namespace L4Proxy.Resources;

/// <summary>One resource while it is read: all a reader of its kind may look at.</summary>
/// <param name="Origin">Where it stands; <see cref="Origin.At"/> for one of its lines.</param>
/// <param name="Annotations">As written in <c>metadata</c>.</param>
/// <param name="Labels">As written in <c>metadata</c>.</param>
/// <param name="Spec">
/// Its keys, empty when it has none. Says what is wrong (<c>Fail</c>, <c>Refuse</c>) and what is doubtful (<c>Warn</c>); keys nobody
/// asked for are errors.
/// </param>
/// <param name="Reach">Whose proxy reads it.</param>
internal sealed record ResourceDocument(
    Origin Origin,
    ImmutableSortedDictionary<string, string> Annotations,
    ImmutableSortedDictionary<string, string> Labels,
    Section Spec,
    LocalWorkload Reach);
