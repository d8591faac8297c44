using L4Proxy.Commands;

return await CommandTree.Create().Parse(args).InvokeAsync();
