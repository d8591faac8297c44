using L4Proxy.Load;

return CommandLine.Create().Parse(args).Invoke();
