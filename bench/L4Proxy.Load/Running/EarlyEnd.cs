using System.Runtime.InteropServices;

namespace L4Proxy.Load.Running;

/// <summary>Ctrl-C and SIGTERM stop the contenders and remove directories and namespaces before the process ends.</summary>
internal sealed class EarlyEnd : IDisposable
{
    private readonly PosixSignalRegistration[] _registrations;

    internal EarlyEnd(Experiment experiment)
    {
        _registrations = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(signal => PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            experiment.Dispose();
            Environment.Exit(1);
        }))];
    }

    public void Dispose() => Array.ForEach(_registrations, registration => registration.Dispose());
}
