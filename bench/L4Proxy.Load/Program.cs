using L4Proxy.Load;

var options = CommandLine.Create().Parse(args);
var exitCode = options.Invoke();
// The command line library answers wrong usage with 1; here 1 is a measurement that failed.
return options.Errors.Count > 0 ? 2 : exitCode;
