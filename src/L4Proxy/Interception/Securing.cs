using L4Proxy.Core.Identity;
using L4Proxy.Core.Policy;
using L4Proxy.Core.Routing;
using L4Proxy.Tls;
using L4Proxy.Transport;

namespace L4Proxy.Interception;

/// <summary>
/// The steps of a handler that make a leg safe. Each sets the connection's peer, or ends its record and answers false. A method of their
/// own because what a handler keeps across a wait it keeps for the life of every idle connection.
/// </summary>
internal sealed class Securing(TlsTermination termination, TlsOrigination origination, EgressTls egress)
{
    /// <summary>Detects what the downstream begins with, decides by the mode, and terminates TLS where that is the decision.</summary>
    /// <param name="connection">Nothing of its downstream has been read.</param>
    /// <param name="mode">What the downstream must be.</param>
    /// <param name="expected">Identities of which it must prove one; empty: anyone our trust covers.</param>
    /// <param name="current">Settings of this connection.</param>
    /// <param name="isNameWanted">Whether the server name is wanted even where the mode asks for nothing.</param>
    public async ValueTask<bool> DownstreamAsync(
        ProxiedConnection connection, MtlsMode mode, IReadOnlyCollection<SpiffeId> expected, DataPathSettings current, bool isNameWanted = false)
    {
        if (mode == MtlsMode.Disable && !isNameWanted)
        {
            return true;
        }
        var record = connection.Record;
        var deadline = current.HandshakeDeadline(record);
        // Silence is an answer only where plaintext is.
        var silence = mode == MtlsMode.Strict ? deadline : current.SilenceDeadline(record);
        if (await DownstreamDetection.DetectAsync(connection.Downstream, record, silence, deadline) is not { } detection)
        {
            return false;
        }
        var security = InboundSecurity.Of(mode, detection.Verdict);
        if (security.Refusal is { } refusal)
        {
            record.End(refusal);
            return false;
        }
        if (security.Terminate)
        {
            connection.Peer = await termination.AcceptAsync(connection.Downstream, record, detection.Hello, expected, current.Handshake);
            return connection.Peer is not null;
        }
        return true;
    }

    /// <summary>Originates TLS on the upstream leg.</summary>
    /// <param name="connection">Its upstream stands.</param>
    /// <param name="upstream">Nothing of the downstream's has been sent to it.</param>
    /// <param name="security">What is spoken, and who it must be.</param>
    /// <param name="current">Settings of this connection.</param>
    /// <returns>Null: it is safe. Else why not; the upstream is closed, and the record has not ended: another endpoint may do better.</returns>
    public async ValueTask<TlsFault?> TryUpstreamAsync(ProxiedConnection connection, Leg upstream, UpstreamSecurity security, DataPathSettings current)
    {
        if (security.Kind == UpstreamSecurityKind.Tls)
        {
            (connection.TlsEnd, var refusal) = await egress.ConnectAsync(upstream, connection.Downstream, connection.Record, security, current.Handshake);
            return connection.TlsEnd is null ? refusal : null;
        }
        (connection.Peer, var fault) = await origination.ConnectAsync(
            upstream, connection.Downstream, connection.Record, security.ServerName, security.Identities, current.Handshake);
        return connection.Peer is null ? fault : null;
    }

    /// <summary>As <see cref="TryUpstreamAsync"/>, for the only upstream there is.</summary>
    /// <returns>False: the record has ended.</returns>
    public async ValueTask<bool> UpstreamAsync(ProxiedConnection connection, Leg upstream, UpstreamSecurity security, DataPathSettings current)
    {
        if (await TryUpstreamAsync(connection, upstream, security, current) is { } fault)
        {
            fault.End(connection.Record);
            return false;
        }
        return true;
    }
}
