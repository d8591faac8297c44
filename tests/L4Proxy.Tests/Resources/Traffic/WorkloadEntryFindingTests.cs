namespace L4Proxy.Tests.Resources.Traffic;

/// <summary>What is wrong or doubtful about one WorkloadEntry by itself, word for word: the text is the user interface.</summary>
public sealed class WorkloadEntryFindingTests
{
    [Theory]
    [InlineData("{}",
        "4:7: spec.address: is missing; add it, such as address: \"10.1.2.3\"")]
    [InlineData("{address: \"unix:///run/x\"}",
        "4:17: spec.address: 'unix:///run/x' is a Unix socket, and only TCP is dialled; write an IP address")]
    [InlineData("{address: 10.0.0.1.2}",
        "4:17: spec.address: '10.0.0.1.2' is not a DNS name: it ends with a number, as only addresses do; write one such as web.demo.svc.cluster.local")]
    [InlineData("{address: 10.0.0.256}",
        "4:17: spec.address: '10.0.0.256' is not a DNS name: it ends with a number, as only addresses do; write one such as web.demo.svc.cluster.local")]
    [InlineData("{address: 10.0.0.1, ports: {http: 99999}}",
        "4:41: spec.ports.http: '99999' is not a port; write a number from 1 to 65535")]
    [InlineData("{address: 10.0.0.1, ports: {\"@\": 80}}",
        "4:35: spec.ports.@: '@' is not a port name; use lower-case letters, digits and '-', at most 63")]
    [InlineData("{address: 10.0.0.1, acount: x}",
        "4:27: spec.acount: unknown key; known here: address, labels, locality, network, ports, serviceAccount, weight")]
    public void A_broken_workload_entry_is_refused_at_the_right_place(string spec, string expected) =>
        Assert.Equal(expected, OneResource.Errors("WorkloadEntry", spec));
}
