using L4Proxy.Commands;

var parsed = CommandTree.Create().Parse(args);
var exitCode = await parsed.InvokeAsync();

// The library ends with 1 for a wrong command line; that is this program's "failed", and wrong usage is 2.
return parsed.Errors.Count > 0 ? 2 : exitCode;
