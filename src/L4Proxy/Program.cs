using System.CommandLine.Invocation;
using L4Proxy.Commands;

var parsed = CommandTree.Create().Parse(args);
var exitCode = await parsed.InvokeAsync();

// 2 is for wrong usage; the parser itself would say 1, which means that a verb was understood and failed.
return parsed.Action is ParseErrorAction ? 2 : exitCode;
