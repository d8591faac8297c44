using L4Proxy.Transport.Native;

namespace L4Proxy.Transport;

/// <summary>What one non-blocking call on a leg did: moved bytes, found the end of the stream, would have had to wait, or failed.</summary>
public readonly struct IoResult
{
    private readonly int _value;

    private IoResult(int value) => _value = value;

    /// <summary>Bytes moved; 0 unless positive.</summary>
    public int Bytes => Math.Max(_value, 0);

    /// <summary>The peer sent FIN and everything before it was taken. Only for reads.</summary>
    public bool IsEnd => _value == 0;

    /// <summary>Nothing to take or no room to give; await the leg and try again.</summary>
    public bool WouldBlock => _value == -(int)Errno.EAGAIN;

    /// <summary>The leg is dead, and why; <see cref="Errno.None"/> otherwise.</summary>
    public Errno Error => _value >= 0 || WouldBlock ? Errno.None : (Errno)(-_value);

    internal static IoResult Of(int value) => new(value);

    internal static IoResult Failed(Errno error) => new(-(int)error);

    internal static IoResult Wait => new(-(int)Errno.EAGAIN);
}
