namespace L4Proxy.Load.Wire;

/// <summary>Values of the Linux headers, equal on x64 and arm64.</summary>
internal static class Constants
{
    internal const int AddressFamilyInet = 2;
    internal const int StreamSocket = 1;
    internal const int NonBlocking = 0x800;
    internal const int CloseOnExec = 0x80000;

    internal const int LevelSocket = 1;
    internal const int ReuseAddress = 2;
    internal const int SocketError = 4;
    internal const int ReceiveBuffer = 8;
    internal const int Linger = 13;
    internal const int LevelIp = 0;
    internal const int BindAddressNoPort = 24;
    internal const int LevelTcp = 6;
    internal const int NoDelay = 1;

    internal const int Truncate = 0x20;
    internal const int NoSignal = 0x4000;
    internal const int ShutdownWrite = 1;

    internal const uint Readable = 0x1;
    internal const uint Writable = 0x4;

    internal const int Again = 11;
    internal const int Interrupted = 4;
    internal const int BrokenPipe = 32;
    internal const int ConnectionReset = 104;
    internal const int InProgress = 115;

    internal const int NetworkNamespace = 0x40000000;
    internal const int SetTimerSlack = 29;
    internal const int SignalTerminate = 15;
    internal const int SignalKill = 9;
}
