using L4Proxy.Transport;
using Microsoft.AspNetCore.Connections;

namespace L4Proxy.Listening;

/// <summary>
/// The door of one HTTP port. Descriptors are shared with the data plane: whoever opens connections here and leaves them idle must
/// not be able to use up what is kept for log files, reloads and the runtime.
/// </summary>
internal sealed class OperatorAdmission
{
    /// <summary>
    /// A probe, two scrapers and a person at a time are usual. Where descriptors are scarce four ports times five fit into the 26 that
    /// <see cref="Configuration.ConnectionLimit"/> keeps for this, and leave some for files; where they are not, nobody is counted so closely.
    /// </summary>
    private static readonly int _most = (int)Math.Clamp(HostAddresses.DescriptorLimit / 64, 5, 64);

    private int _open;

    /// <summary>Connection middleware: what comes on top of the limit is closed at once.</summary>
    public ConnectionDelegate Guard(ConnectionDelegate next) => async connection =>
    {
        try
        {
            if (Interlocked.Increment(ref _open) <= _most)
            {
                await next(connection);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    };
}
