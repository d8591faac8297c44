using System.CommandLine;
using System.CommandLine.Invocation;
using L4Proxy.Commands;

var parsed = CommandTree.Create().Parse(args);
// The parser would give a verb two seconds after SIGTERM and then end the process; a drain takes as long as its configuration says.
var exitCode = await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });

// 2 is for wrong usage; the parser itself would say 1, which means that a verb was understood and failed.
return parsed.Action is ParseErrorAction ? 2 : exitCode;
