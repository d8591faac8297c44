namespace L4Proxy.Interception;

/// <summary>
/// What happens inside one admitted connection, on its loop. Sets facts on the record and returns; it neither logs nor counts, and
/// whatever is still open when it returns is reset by the caller.
/// </summary>
internal interface IConnectionHandler
{
    Task HandleAsync(ProxiedConnection connection);
}
