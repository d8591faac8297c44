using L4Proxy.Commands;

var parsed = CommandTree.Create().Parse(args);
var code = await parsed.InvokeAsync();

// The library answers 1 to a usage it does not understand; 1 means "failed" here, wrong usage is 2. (--help has errors too, and is 0.)
return code != 0 && parsed.Errors.Count > 0 ? 2 : code;
