using System.Net;
using L4Proxy.Redirect;

namespace L4Proxy.Tests.Redirect;

public sealed class CaptureProbeTests
{
    [Theory]
    [InlineData("127.6.7.8:15002", "127.0.0.1", "l4proxy-capture 127.6.7.8:15002 me\n")]
    [InlineData("[fd77::2]:15002", "fd77::2", "l4proxy-capture [fd77::2]:15002 me\n")]
    [InlineData("127.6.7.8:8080", "127.0.0.1", null)]
    [InlineData("10.77.0.2:15002", "10.77.0.2", null)]
    [InlineData("[fd77::2]:15002", "fd77::1", null)]
    [InlineData("[fd77::2]:8080", "fd77::2", null)]
    public void Only_a_probe_is_answered_and_with_the_destination_it_was_sent_to(string destination, string downstream, string? line) =>
        Assert.Equal(line, CaptureProbe.Answer(IPEndPoint.Parse(destination), IPAddress.Parse(downstream), "me"));

    [Fact]
    public void Addresses_are_listed_by_interface_without_link_local_ones_and_tentative_ones_are_not_usable()
    {
        string[] lines =
        [
            "fd300000000000000000000000000001 03 40 00 80     eth1",
            "00000000000000000000000000000001 01 80 10 80       lo",
            "fe80000000000000000000000000abcd 02 40 20 80     eth0",
            "fd770000000000000000000000000003 02 40 00 c0     eth0",
            "fd770000000000000000000000000002 02 40 00 80     eth0",
        ];
        Assert.Equal(
            [(IPAddress.Parse("fd77::2"), true), (IPAddress.Parse("fd77::3"), false), (IPAddress.Parse("fd30::1"), true)],
            HostIpv6.Read(lines).Select(address => (address.Address, address.IsUsable)));
    }

    [Theory]
    [InlineData("eth0,lo", "", false)]
    [InlineData("eth0,cni0,lo", "", true)]
    [InlineData("eth0,docker0,lo", "", true)]
    [InlineData("eth0,docker0,lo", "docker0", false)]
    public void A_nodes_namespace_is_told_by_its_interfaces(string interfaces, string guests, bool refused)
    {
        var options = new RedirectOptions { GuestInterfaces = guests.Split(',') };
        Assert.Equal(refused, NodeNamespace.Refusal(options, interfaces.Split(',')) is not null);
    }
}
