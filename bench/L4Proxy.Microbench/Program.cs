using L4Proxy.Microbench;

return AllocationGate.Run(args);
